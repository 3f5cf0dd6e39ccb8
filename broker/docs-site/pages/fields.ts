/** A JSON schema as the rows of a table: one for each field, however deep it is, with what it may be. */
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

/** Deeper than any schema here; one that holds itself must not go on for ever. */
const DEPTH = 6;

export function fieldTable(fields: readonly Field[], saysRequired: boolean): string {
  return saysRequired
    ? table(
        ['field', 'type', 'required', 'what it is'],
        fields.map(({ name, type, isRequired, notes }) => [
          code(name),
          type,
          isRequired ? 'yes' : 'no',
          notes,
        ]),
      )
    : table(
        ['field', 'type', 'what it is'],
        fields.map(({ name, type, notes }) => [code(name), type, notes]),
      );
}

export function fieldsOf(schema: JsonObject, components: JsonObject): Field[] {
  return distinct(look(schema, components, '', 0).inner);
}

/** What one value may be, for parameters. */
export function typeAndNotes(schema: JsonObject, components: JsonObject): { type: string; notes: string } {
  const { types, notes } = look(schema, components, '', 0);
  return { type: unique(types).join(' or '), notes: unique(notes).join(' ') };
}

function look(given: JsonObject, components: JsonObject, at: string, depth: number): Found {
  const schema = resolve(given, components);
  const found: Found = { types: [], notes: [], inner: [] };
  if (depth > DEPTH) return found;
  if (typeof schema.description === 'string') found.notes.push(sentenceOf(schema.description));
  const choices = (schema.anyOf ?? schema.oneOf ?? schema.allOf) as JsonObject[] | undefined;
  if (choices !== undefined) {
    for (const choice of choices) add(found, look(choice, components, at, depth + 1));
    return found;
  }
  if ('const' in schema) found.types.push(code(JSON.stringify(schema.const)));
  for (const type of [schema.type ?? []].flat() as string[]) {
    if (type === 'object') add(found, lookAtObject(schema, components, at, depth));
    else if (type === 'array') add(found, lookAtList(schema, components, at, depth));
    else if (!('const' in schema)) found.types.push(wordFor(type, schema));
  }
  found.notes.push(...limits(schema));
  return found;
}

function lookAtObject(schema: JsonObject, components: JsonObject, at: string, depth: number): Found {
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
    const value = look(property, components, name, depth + 1);
    const type = unique(value.types).join(' or ') || 'anything';
    found.inner.push({ name, isRequired, type, notes: unique(value.notes).join(' ') }, ...value.inner);
  };
  for (const [name, property] of Object.entries(properties))
    addField(below(at, name), property, required.includes(name));
  if (typeof additionalProperties === 'object' && Object.keys(additionalProperties).length > 0)
    addField(below(at, '*'), additionalProperties, false);
  return found;
}

/** A name with a dot in it is no two. */
function below(at: string, name: string): string {
  if (/[.\s[\]]/.test(name)) return `${at}["${name}"]`;
  return at === '' ? name : `${at}.${name}`;
}

function lookAtList({ items }: JsonObject, components: JsonObject, at: string, depth: number): Found {
  const one = look((items as JsonObject | undefined) ?? {}, components, `${at}[]`, depth + 1);
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
  if (example !== undefined) notes.push(`Such as ${code(String(example))}.`);
  else if (typeof pattern === 'string') notes.push(`Of the form ${code(pattern)}.`);
  if (fallback !== undefined) notes.push(`${code(JSON.stringify(fallback))} where it is left out.`);
  return notes;
}

function resolve(schema: JsonObject, components: JsonObject): JsonObject {
  if (typeof schema.$ref !== 'string') return schema;
  const name = schema.$ref.split('/').at(-1)!;
  return { ...(components[name] as JsonObject), ...schema };
}

function add(found: Found, other: Found): void {
  found.types.push(...other.types);
  found.notes.push(...other.notes);
  found.inner.push(...other.inner);
}

/** Choices have fields in common. */
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
