/** Makes the page of one operation, from its value and from the OpenAPI document. */
import { STATUS_CODES } from 'node:http';
import type { AnyApi, ApiDescription, KeyPlace } from '../../http/operation.ts';
import { errorCases } from '../openapi/error-cases.ts';
import type { JsonObject } from '../openapi/json-schemas.ts';
import { unlistedErrors } from '../openapi/operation-object.ts';
import { LANGUAGES } from '../samples/languages.ts';
import { KEY_VARIABLE, sampleRequest } from '../samples/sample-request.ts';
import { type Field, fieldsOf, fieldTable, typeAndNotes } from './fields.ts';
import type { Page } from './page.ts';
import { code, codeBlock, link, plain, prose, sentence, table } from './prose.ts';

export interface DescribedOperation {
  api: AnyApi;
  description: ApiDescription;
  operation: AnyApi['operations'][number];
  /** The operation object of the OpenAPI document. */
  shown: JsonObject;
  /** The components of the document. */
  components: { schemas: JsonObject; responses: JsonObject };
  /** The recorded response to its sample. */
  recorded: { status: number; body?: unknown } | undefined;
}

interface Response {
  description: string;
  content?: Record<string, { schema?: JsonObject }>;
}

const KEYS: Readonly<Record<KeyPlace, string>> = {
  'x-api-key': '`x-api-key`',
  'x-service-token': '`x-service-token`',
  bearer: '`Authorization: Bearer`',
};

export function operationPath({
  description,
  operation,
}: Pick<DescribedOperation, 'description' | 'operation'>): string {
  const name = operation.id.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return `/docs/reference/${description.name}/${name}`;
}

export function operationPage(described: DescribedOperation, publicUrl: string): Page {
  const { description, operation } = described;
  const summary = plain(operation.summary);
  // The heading ends at the first comma; the whole summary follows below.
  const heading = summary.replace(/(?:[,;.]\s.*|\.)$/, '');
  const request = `${operation.method} ${operation.path}`;
  return {
    path: operationPath(described),
    heading,
    title: `${heading}: ${description.title} API`,
    description: `${sentence(summary)} ${request} of the ${description.title} API, with fields, responses and samples in five languages.`,
    markdown: () =>
      [
        `# ${prose(heading)}`,
        code(request),
        ...(summary === heading ? [] : [sentence(prose(operation.summary))]),
        keySentence(described),
        ...parameters(described),
        ...body(described),
        ...responses(described),
        ...errors(described),
        ...samples(described, publicUrl),
      ].join('\n\n'),
  };
}

function keySentence({ description, operation: { permission } }: DescribedOperation): string {
  if (permission === undefined) return 'It requires no key.';
  const places = description.keysIn.map((place) => KEYS[place]).join(' or ');
  return `It requires a key with the permission ${code(permission)}, sent as ${places}.`;
}

function parameters({ shown, components }: DescribedOperation): string[] {
  const all = (shown.parameters ?? []) as {
    name: string;
    in: string;
    required: boolean;
    description?: string;
    schema: JsonObject;
    example?: unknown;
  }[];
  if (all.length === 0) return [];
  const rows = all.map(({ name, in: place, required, description = '', schema, example }) => {
    const { type, notes } = typeAndNotes(schema, components.schemas);
    const said = [description === '' ? '' : sentence(prose(description)), notes];
    const such = example === undefined ? '' : `Example: ${code(String(example))}.`;
    const what = [...said, notes.includes('Example: ') ? '' : such].filter((one) => one !== '').join(' ');
    return [code(name), place, type, required ? 'yes' : 'no', what];
  });
  return ['## Parameters', table(['parameter', 'in', 'type', 'required', 'description'], rows)];
}

function body({ shown, operation: { example, file }, components }: DescribedOperation): string[] {
  const { requestBody } = shown as { requestBody?: Response };
  if (requestBody === undefined) return [];
  const fields = fieldsOf(schemaOf(requestBody) ?? {}, components.schemas);
  return [
    '## Body',
    ...(file === undefined
      ? [fields.length === 0 ? 'JSON.' : 'A JSON object with these fields:']
      : ['A form (`multipart/form-data`) with this field:']),
    ...(fields.length === 0 ? [] : [fieldTable(fields, true)]),
    ...(example?.body === undefined ? [] : ['Example:', json(example.body)]),
  ];
}

function responses({ shown, components, recorded }: DescribedOperation): string[] {
  const good = responsesOf(shown, components).filter(([status]) => Number(status) < 400);
  const seen: { fields: readonly Field[]; status: string }[] = [];
  return [
    '## Responses',
    ...good.flatMap(([status, response]) => {
      const fields = fieldsOf(schemaOf(response) ?? {}, components.schemas);
      const same = seen.find((one) => JSON.stringify(one.fields) === JSON.stringify(fields));
      seen.push({ fields, status });
      const table =
        same === undefined ? [fieldTable(fields, false)] : [`It has the same fields as ${same.status}.`];
      const isRecorded = recorded?.body !== undefined && String(recorded.status) === status;
      return [
        `### ${status} ${STATUS_CODES[status] ?? ''}`.trimEnd(),
        prose(response.description),
        ...(fields.length === 0 ? [] : table),
        ...(isRecorded ? ['Example:', json(recorded.body)] : []),
      ];
    }),
  ];
}

function errors({ api, description, operation }: DescribedOperation): string[] {
  const own = Object.keys(operation.responses).filter((status) => Number(status) >= 400);
  const cases = [...own, ...unlistedErrors(operation)]
    .flatMap((status) => errorCases(api, operation, status))
    .toSorted((one, other) => one.status - other.status);
  const examples = cases.filter(({ status, body }) => own.includes(String(status)) && body !== undefined);
  const hasCodes = cases.some(({ shownCode }) => shownCode !== undefined);
  return [
    '## Errors',
    table(
      ['status', ...(hasCodes ? ['code'] : []), 'meaning', 'next step'],
      cases.map(({ status, shownCode, meaning, nextStep }) => [
        `${status} ${STATUS_CODES[status] ?? ''}`.trimEnd(),
        ...(hasCodes ? [shownCode === undefined ? '' : code(shownCode)] : []),
        prose(meaning),
        prose(nextStep),
      ]),
    ),
    `${link('Error format of this API', `/docs/reference/${description.name}`)}.`,
    ...examples.flatMap(({ status, meaning, body }) => [
      `Example with status ${status} (${prose(meaning.replace(/\.$/, ''))}):`,
      json(body),
    ]),
  ];
}

function samples({ description, operation }: DescribedOperation, publicUrl: string): string[] {
  const request = sampleRequest(description, operation, operation.example, publicUrl);
  return [
    '## Samples',
    ...(request.key === undefined
      ? []
      : [`The samples read the key from the environment variable \`${KEY_VARIABLE}\`.`]),
    ...LANGUAGES.flatMap(({ name, block, write }) => [`### ${name}`, codeBlock(block, write(request))]),
  ];
}

function responsesOf(
  shown: JsonObject,
  { responses }: DescribedOperation['components'],
): [string, Response][] {
  return Object.entries(shown.responses as Record<string, Response & { $ref?: string }>).map(
    ([status, response]) => [
      status,
      response.$ref === undefined ? response : (responses[response.$ref.split('/').at(-1) ?? ''] as Response),
    ],
  );
}

function schemaOf({ content }: Response | { content?: Response['content'] }): JsonObject | undefined {
  return Object.values(content ?? {})[0]?.schema;
}

function json(value: unknown): string {
  return codeBlock('json', JSON.stringify(value, null, 2));
}
