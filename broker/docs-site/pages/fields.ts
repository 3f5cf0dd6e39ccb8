/** Lists the fields of a JSON schema, at every depth, as rows of a table. */
import type { JsonObject } from '../openapi/json-schemas.ts';
import { code, prose, table } from './prose.ts';

export interface Field {
  /** `config.baseUrl`, `messages[].id`. */
  name: string;
  isRequired: boolean;
  /** Markdown. */
  type: string;
  /** Markdown, sentences. */
  notes: string;
}

interface Found {
  types: string[];
  notes: string[];
  inner: Field[];
}

/** Maximum depth. No schema here is deeper, and a recursive one must end. */
const DEPTH = 6;

export function fieldTable(fields: readonly Field[], hasRequired: boolean): string {
  return hasRequired
    ? table(
        ['field', 'type', 'required', 'description'],
        fields.map(({ name, type, isRequired, notes }) => [
          code(name),
          type,
          isRequired ? 'yes' : 'no',
          notes,
        ]),
      )
    : table(
        ['field', 'type', 'description'],
        fields.map(({ name, type, notes }) => [code(name), type, notes]),
      );
}

export function fieldsOf(schema: JsonObject, components: JsonObject): Field[] {
  return distinct(describe(schema, components, '', 0).inner);
}

/** Describes one value, for parameters. */
export function typeAndNotes(schema: JsonObject, components: JsonObject): { type: string; notes: string } {
  const { types, notes } = describe(schema, components, '', 0);
  return { type: unique(types).join(' or '), notes: unique(notes).join(' ') };
}

function describe(given: JsonObject, components: JsonObject, at: string, depth: number): Found {
  const schema = resolve(given, components);
  const found: Found = { types: [], notes: [], inner: [] };
  if (depth > DEPTH) return found;
  if (typeof schema.description === 'string') found.notes.push(sentenceOf(schema.description));
  const choices = (schema.anyOf ?? schema.oneOf ?? schema.allOf) as JsonObject[] | undefined;
  if (choices !== undefined) {
    for (const choice of choices) add(found, describe(choice, components, at, depth + 1));
    return found;
  }
  if ('const' in schema) found.types.push(code(JSON.stringify(schema.const)));
  for (const type of [schema.type ?? []].flat() as string[]) {
    if (type === 'object') add(found, describeObject(schema, components, at, depth));
    else if (type === 'array') add(found, describeList(schema, components, at, depth));
    else if (!('const' in schema)) found.types.push(wordFor(type, schema));
  }
  found.notes.push(...limits(schema));
  return found;
}

function describeObject(schema: JsonObject, components: JsonObject, at: string, depth: number): Found {
  const found: Found = { types: ['object'], notes: [], inner: [] };
  const {
    properties = {},
    required = [],
    additionalProperties,
  } = schema as {
    properties?: Record<string, JsonObject>;
    required?: string[];
    additionalProperties?: JsonObject | boolean;
  };
  const addField = (name: string, property: JsonObject, isRequired: boolean) => {
    const value = describe(property, components, name, depth + 1);
    const type = unique(value.types).join(' or ') || 'anything';
    found.inner.push({ name, isRequired, type, notes: unique(value.notes).join(' ') }, ...value.inner);
  };
  for (const [name, property] of Object.entries(properties))
    addField(below(at, name), property, required.includes(name));
  if (typeof additionalProperties === 'object' && Object.keys(additionalProperties).length > 0)
    addField(below(at, '*'), additionalProperties, false);
  return found;
}

/** Quotes a name that contains a dot, so that it does not look like two names. */
function below(at: string, name: string): string {
  if (/[.\s[\]]/.test(name)) return `${at}["${name}"]`;
  return at === '' ? name : `${at}.${name}`;
}

function describeList({ items }: JsonObject, components: JsonObject, at: string, depth: number): Found {
  const one = describe((items as JsonObject | undefined) ?? {}, components, `${at}[]`, depth + 1);
  const types = unique(one.types).join(' or ');
  return { types: [types === '' ? 'list' : `list of ${types}`], notes: one.notes, inner: one.inner };
}

function wordFor(type: string, { format, enum: values }: JsonObject): string {
  if (type !== 'string' || values !== undefined) return type;
  switch (format) {
    case 'date-time':
      return 'time';
    case 'uri':
      return 'URL';
    case 'email':
      return 'e-mail address';
    case 'uuid':
      return 'UUID';
    default:
      return 'string';
  }
}

function limits(schema: JsonObject): string[] {
  const { enum: values, pattern, default: fallback, examples } = schema;
  const notes: string[] = [];
  if (Array.isArray(values)) {
    const shown = values.map((value) => code(String(value))).join(', ');
    notes.push(`${values.length === 1 ? 'Always' : 'One of'} ${shown}.`);
  }
  const ranges = [
    [schema.minLength, schema.maxLength, 'characters'],
    [schema.minimum, schema.maximum, ''],
    [schema.minItems, schema.maxItems, 'entries'],
    [schema.minProperties, schema.maxProperties, 'fields'],
  ] as const;
  for (const [min, max, unit] of ranges) {
    if (min === undefined && max === undefined) continue;
    const range =
      max === undefined ? `at least ${min}` : min === undefined ? `at most ${max}` : `${min} to ${max}`;
    notes.push(sentenceOf(capital(`${range} ${unit}`.trim())));
  }
  const example = Array.isArray(examples) ? examples[0] : undefined;
  if (example !== undefined) notes.push(`Example: ${code(String(example))}.`);
  else if (typeof pattern === 'string') notes.push(`Pattern: ${code(pattern)}.`);
  if (fallback !== undefined) notes.push(`Default: ${code(JSON.stringify(fallback))}.`);
  return notes;
}

function resolve(schema: JsonObject, components: JsonObject): JsonObject {
  if (typeof schema.$ref !== 'string') return schema;
  const name = schema.$ref.split('/').at(-1) ?? '';
  return { ...(components[name] as JsonObject), ...schema };
}

function add(found: Found, other: Found): void {
  found.types.push(...other.types);
  found.notes.push(...other.notes);
  found.inner.push(...other.inner);
}

/** Merges fields of the same name: the choices of a schema may share fields. */
function distinct(fields: readonly Field[]): Field[] {
  const byName = new Map<string, Field>();
  for (const field of fields) {
    const before = byName.get(field.name);
    if (before === undefined) byName.set(field.name, field);
    else {
      const type = unique([...before.type.split(' or '), ...field.type.split(' or ')]).join(' or ');
      const notes = before.notes === field.notes ? before.notes : `${before.notes} ${field.notes}`.trim();
      byName.set(field.name, { ...before, type, notes, isRequired: before.isRequired && field.isRequired });
    }
  }
  return [...byName.values()];
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}

function sentenceOf(text: string): string {
  const escaped = prose(text);
  return /[.!?]$/.test(escaped) ? escaped : `${escaped}.`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
