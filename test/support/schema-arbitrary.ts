/** Generates values for a zod schema: valid, almost valid and hostile values. */
import fc from 'fast-check';
import { z } from 'zod';

interface JsonSchema {
  type?: string | string[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  enum?: unknown[];
  const?: unknown;
  pattern?: string;
  additionalProperties?: JsonSchema | boolean;
}

/** Values that break careless code: extremes, control characters, injections, wrong types. */
const HOSTILE: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1e308,
  Number.MAX_SAFE_INTEGER,
  '',
  ' ',
  '\0',
  '\ud800',
  '🎉',
  "' OR 1=1 --",
  '"',
  '*',
  'NEAR(a b)',
  '%',
  '../../etc/passwd',
  '{{contact.constructor}}',
  '{{#a}}',
  'x'.repeat(6_000),
  [],
  [[]],
  {},
  { __proto__: null, toString: 1 },
];

/** Common values of requests: numbers, words, dates, URLs. */
const PLAUSIBLE = [
  '+15005550010',
  '+15005550014',
  '+14155550100',
  '76934',
  'Hello',
  'hello world',
  '1',
  '50',
  '0',
  '-5',
  'true',
  'false',
  'deleted',
  'queued',
  'received',
  'inbound',
  '2026-11-21T08:00:00Z',
  'https://example.com/a.png',
  'http://127.0.0.1:1/a.png',
  'message.sent',
  'whatsapp',
  '415',
];

export function valuesFor(schema: z.ZodType): fc.Arbitrary<unknown> {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  return arbitraryFor(json);
}

const hostile = fc.constantFrom(...HOSTILE);
const text = fc.oneof(
  { arbitrary: fc.constantFrom(...PLAUSIBLE), weight: 6 },
  { arbitrary: fc.string({ maxLength: 40 }), weight: 1 },
  { arbitrary: fc.string({ unit: 'binary', maxLength: 20 }), weight: 1 },
);

/** Mostly values that the schema allows, sometimes a hostile one. */
function arbitraryFor(schema: JsonSchema): fc.Arbitrary<unknown> {
  return fc.oneof({ arbitrary: allowedBy(schema), weight: 12 }, { arbitrary: hostile, weight: 1 });
}

function allowedBy(schema: JsonSchema): fc.Arbitrary<unknown> {
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map(arbitraryFor));
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.const !== undefined) return fc.constant(schema.const);
  const [type] = [schema.type].flat();
  switch (type) {
    case 'object':
      return objectFor(schema);
    case 'array':
      return fc.array(schema.items === undefined ? hostile : arbitraryFor(schema.items), { maxLength: 4 });
    case 'integer':
    case 'number':
      return fc.oneof(fc.integer({ min: -2, max: 300 }), fc.double());
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      return text;
  }
}

function objectFor({
  properties = {},
  required = [],
  additionalProperties,
}: JsonSchema): fc.Arbitrary<unknown> {
  const known = Object.fromEntries(
    Object.entries(properties).map(([name, value]) => [name, arbitraryFor(value)]),
  );
  const fields = fc.record(known, { requiredKeys: required.filter((name) => name in known) });
  if (typeof additionalProperties !== 'object') return fields;
  const more = fc.dictionary(fc.string({ maxLength: 10 }), arbitraryFor(additionalProperties), {
    maxKeys: 3,
  });
  return fc.tuple(fields, more).map(([own, other]) => ({ ...other, ...own }));
}
