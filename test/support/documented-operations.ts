/** Reads the documented operations of a running broker: the OpenAPI document and the samples of the pages. */
import { expect } from 'vitest';

export interface DocumentedOperation {
  /** API and operation id, such as `texting-blue.sendMessage`. */
  name: string;
  summary: string;
  method: string;
  /** Path in the syntax of OpenAPI, with `{id}`. */
  path: string;
  /** Path of the reference page. */
  page: string;
  /** Path parameters of the example. */
  params: Readonly<Record<string, string>>;
  /** Responses by status code, without references. */
  responses: Readonly<Record<string, { content?: Record<string, { schema: object }> }>>;
}

/** Part of the OpenAPI document that the tests read. */
interface OpenApi {
  paths: Record<string, Record<string, Omit<DocumentedOperation, 'params'> & RawOperation>>;
  components: { schemas: Record<string, object>; responses: Record<string, object> };
}

interface RawOperation {
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

/** Returns the sample of a language from the Markdown of a page. */
export function sampleOf(markdown: string, language: string): string {
  const found = new RegExp(`\n### ${language}\n\n\`\`\`\\w+\n(.*?)\n\`\`\``, 's').exec(markdown)?.[1];
  expect(found, `a sample in ${language}`).toBeDefined();
  return found!;
}
