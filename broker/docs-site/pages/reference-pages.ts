/** The reference: a page that lists the APIs, one for each API, and one for each of its operations. */
import type { AnyApi, ApiDescription } from '../../http/operation.ts';
import { openapiDocument } from '../openapi/document.ts';
import type { JsonObject } from '../openapi/json-schemas.ts';
import { fieldsOf, fieldTable } from './fields.ts';
import { type DescribedOperation, operationPage, operationPath } from './operation-page.ts';
import type { Page } from './page.ts';
import { code, link, plain, prose, table } from './prose.ts';

export interface ReferenceOptions {
  apis: readonly AnyApi[];
  publicUrl: string;
  version: string;
  /** What samples were once answered, by API and operation: `texting-blue.sendMessage`. */
  recorded: Readonly<Record<string, DescribedOperation['recorded']>>;
}

export interface ApiPages {
  description: ApiDescription;
  page: Page;
  operations: readonly Page[];
}

export const REFERENCE_PATH = '/docs/reference';

export function referencePages(options: ReferenceOptions): { index: Page; apis: ApiPages[] } {
  const { apis, publicUrl, version, recorded } = options;
  const document = openapiDocument(apis, { publicUrl, version });
  const byName = new Map<string, DescribedOperation[]>();
  for (const api of apis) {
    const { description } = api;
    if (description === undefined) continue;
    const described = byName.get(description.name) ?? [];
    byName.set(description.name, described);
    for (const operation of api.operations) {
      const path = operation.path.replaceAll(/:(\w+)/g, '{$1}');
      const shown = document.paths[path]![operation.method.toLowerCase()] as JsonObject;
      described.push({
        ...{ api, description, operation, shown, components: document.components },
        recorded: recorded[`${description.name}.${operation.id}`],
      });
    }
  }
  const pages = [...byName.values()].map((described): ApiPages => {
    const { description } = described[0]!;
    return {
      description,
      page: apiPage(description, described),
      operations: described.map((one) => operationPage(one, publicUrl)),
    };
  });
  return { index: indexPage(pages), apis: pages };
}

function indexPage(apis: readonly ApiPages[]): Page {
  return {
    path: REFERENCE_PATH,
    heading: 'Reference',
    title: 'Reference of every API: Homing',
    description:
      'Every operation of Homing, the iMessage API of your own, API by API: fields, answers, refusals and samples.',
    markdown: () =>
      [
        '# Reference',
        'Every operation that the broker answers, made from the operations themselves. The same as a document for tools: ' +
          '[OpenAPI 3.1](/openapi.json). To try them out in the browser: [the interactive reference](/docs/interactive).',
        table(
          ['API', 'what for', 'operations'],
          apis.map(({ description, page, operations }) => [
            link(prose(description.title), page.path),
            prose(description.summary),
            String(operations.length),
          ]),
        ),
      ].join('\n\n'),
  };
}

function apiPage(description: ApiDescription, described: readonly DescribedOperation[]): Page {
  const path = `${REFERENCE_PATH}/${description.name}`;
  const refusal = Object.values(described[0]!.components.responses as Record<string, JsonObject>).find(
    (_, at) => Object.keys(described[0]!.components.responses)[at]!.startsWith(`${description.name}.`),
  ) as { content?: Record<string, { schema: JsonObject }> } | undefined;
  return {
    path,
    heading: `${description.title} API`,
    title: `${description.title} API: reference of Homing`,
    description: `${plain(description.summary)} Its ${described.length} operation${described.length === 1 ? '' : 's'}, and how it refuses.`,
    markdown: () =>
      [
        `# ${prose(description.title)} API`,
        prose(description.summary),
        ...(description.keysIn.length === 0 ? [] : [keysSentence(description)]),
        `As a document for tools: [OpenAPI 3.1](/openapi/${description.name}.json).`,
        '## Operations',
        table(
          ['operation', 'request', 'permission'],
          described.map((one) => [
            link(prose(one.operation.summary), operationPath(one)),
            code(`${one.operation.method} ${one.operation.path}`),
            one.operation.permission === undefined ? 'none' : code(one.operation.permission),
          ]),
        ),
        '## Refusals',
        'Every refusal of this API has these fields; the page of an operation says which statuses it has.',
        fieldTable(
          fieldsOf(Object.values(refusal?.content ?? {})[0]?.schema ?? {}, described[0]!.components.schemas),
          false,
        ),
      ].join('\n\n'),
  };
}

function keysSentence({ keysIn }: ApiDescription): string {
  const places = keysIn.map((place) => (place === 'bearer' ? '`Authorization: Bearer`' : `\`${place}\``));
  return `The key goes into ${places.join(', or ')}. A test key (\`tb_test_…\`) works in the sandbox, a live key (\`tb_live_…\`) sends.`;
}
