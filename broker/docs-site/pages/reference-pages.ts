/** Makes the reference: a page of all APIs, one page per API and one per operation. */
import type { AnyApi, ApiDescription } from '../../http/operation.ts';
import { openapiDocument } from '../openapi/document.ts';
import type { JsonObject } from '../openapi/json-schemas.ts';
import { fieldsOf, fieldTable } from './fields.ts';
import { type DescribedOperation, operationPage, operationPath } from './operation-page.ts';
import type { Page } from './page.ts';
import { code, link, plain, prose, table } from './prose.ts';
import { webhookSection } from './webhook-section.ts';

export interface ReferenceOptions {
  apis: readonly AnyApi[];
  publicUrl: string;
  version: string;
  /** Recorded responses to the samples, by API and operation: `texting-blue.sendMessage`. */
  recorded: Readonly<Record<string, DescribedOperation['recorded']>>;
}

export interface ApiPages {
  description: ApiDescription;
  page: Page;
  operations: readonly Page[];
}

interface ErrorResponse {
  content?: Record<string, { schema: JsonObject }>;
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
    for (const operation of api.operations.filter(({ isUnavailable }) => isUnavailable !== true)) {
      const path = operation.path.replaceAll(/:(\w+)/g, '{$1}');
      const shown = document.paths[path]?.[operation.method.toLowerCase()] as JsonObject;
      described.push({
        ...{ api, description, operation, shown, components: document.components },
        recorded: recorded[`${description.name}.${operation.id}`],
      });
    }
  }
  const pages = [...byName.values()].flatMap((described): ApiPages[] => {
    const [first] = described;
    if (first === undefined) return [];
    const operations = described.map((one) => operationPage(one, publicUrl));
    return [
      {
        description: first.description,
        page: apiPage(first, described, document.webhooks ?? {}),
        operations,
      },
    ];
  });
  return { index: indexPage(pages), apis: pages };
}

function indexPage(apis: readonly ApiPages[]): Page {
  return {
    path: REFERENCE_PATH,
    heading: 'Reference',
    title: 'Reference of every API: Homing',
    description:
      'Every operation of Homing, the self-hosted iMessage API: fields, responses, errors and samples.',
    markdown: () =>
      [
        '# Reference',
        'Every operation of the broker. As a document for tools: ' +
          '[OpenAPI 3.1](/openapi.json). To try them out in the browser: [the interactive reference](/docs/interactive).',
        table(
          ['API', 'description', 'operations'],
          apis.map(({ description, page, operations }) => [
            link(prose(description.title), page.path),
            prose(description.summary),
            String(operations.length),
          ]),
        ),
      ].join('\n\n'),
  };
}

function apiPage(
  { description, components }: DescribedOperation,
  described: readonly DescribedOperation[],
  webhooks: Record<string, JsonObject>,
): Page {
  const path = `${REFERENCE_PATH}/${description.name}`;
  const shared = Object.entries(components.responses as Record<string, ErrorResponse>);
  const [, errorResponse] = shared.find(([name]) => name.startsWith(`${description.name}.`)) ?? [];
  return {
    path,
    heading: `${description.title} API`,
    title: `${description.title} API: reference of Homing`,
    description: `${plain(description.summary)} Its ${described.length} operation${described.length === 1 ? '' : 's'}, and its error format.`,
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
        '## Errors',
        'Every error of this API has these fields. The page of an operation lists its error statuses.',
        fieldTable(
          fieldsOf(Object.values(errorResponse?.content ?? {})[0]?.schema ?? {}, components.schemas),
          false,
        ),
        ...webhookSection(description, webhooks, components.schemas),
      ].join('\n\n'),
  };
}

function keysSentence({ keysIn }: ApiDescription): string {
  const places = keysIn.map((place) => (place === 'bearer' ? '`Authorization: Bearer`' : `\`${place}\``));
  return `Send the key as ${places.join(' or ')}. A test key (\`tb_test_…\`) uses the sandbox. A live key (\`tb_live_…\`) sends real messages.`;
}
