/** The operations of a running broker as its documentation shows them: the OpenAPI document, and the samples of pages. */
import { expect } from 'vitest';

export interface DocumentedOperation {
  /** `texting-blue.sendMessage`. */
  name: string;
  summary: string;
  method: string;
  /** With `{id}`. */
  path: string;
  /** The page, without the broker's address. */
  page: string;
  /** What the path's parameters are in the example. */
  params: Readonly<Record<string, string>>;
  /** By status; only those that are listed by number. */
  responses: Readonly<Record<string, { content?: Record<string, { schema: object }> }>>;
}

/** The OpenAPI document, as far as tests look at it. */
interface OpenApi {
  paths: Record<string, Record<string, Omit<DocumentedOperation, 'params'> & Shown>>;
  components: { schemas: Record<string, object>; responses: Record<string, object> };
}

interface Shown {
  operationId: string;
  tags: [string];
  parameters?: { name: string; in: string; example?: string }[];
}

export async function documentedOperations(
  url: string,
): Promise<{ operations: DocumentedOperation[]; components: OpenApi['components'] }> {
  const { paths, components } = (await (await fetch(`${url}/openapi.json`)).json()) as OpenApi;
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId, summary, tags, parameters = [], responses }]) => {
      const [api] = tags;
      const id = operationId.slice(api.length + 1);
      const slug = id.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      return {
        ...{ name: `${api}.${id}`, summary, method: method.toUpperCase(), path, responses },
        page: `/docs/reference/${api}/${slug}`,
        params: Object.fromEntries(
          parameters.filter((one) => one.in === 'path').map(({ name, example }) => [name, example ?? '']),
        ),
      };
    }),
  );
  return { operations, components };
}

/** The sample of a page, as its Markdown has it. */
export function sampleOf(markdown: string, language: string): string {
  const found = new RegExp(`\n### ${language}\n\n\`\`\`\\w+\n(.*?)\n\`\`\``, 's').exec(markdown)?.[1];
  expect(found, `a sample in ${language}`).toBeDefined();
  return found!;
}
