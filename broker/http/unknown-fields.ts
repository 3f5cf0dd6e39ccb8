/**
 * Detects misspelled fields of a request body. A field that an API does not have is ignored, so that clients of the
 * original API keep working, but a misspelled optional field would be ignored too: `sendAt` instead of `send_at` would
 * send a message at once.
 */
import { z } from 'zod';
import { HomingError } from '../core/model/errors.ts';

/** Names of this length or shorter are compared exactly: one edit leads from `to` to `id`. */
const SHORT_NAME = 3;
const REPORTED_MAX = 20;
const NAME_MAX_CHARACTERS = 64;

interface JsonSchema {
  properties?: Record<string, JsonSchema>;
  additionalProperties?: unknown;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
}

/** The fields that a value may have. */
interface Known {
  /** undefined: any field, as in metadata. */
  fields: ReadonlyMap<string, Known> | undefined;
  /** The elements, if the value may be a list. */
  items: Known | undefined;
}

type Path = ReadonlyArray<string | number>;

/** Returns the paths of the ignored fields of a body. @throws HomingError for a misspelled field */
export type FieldCheck = (body: unknown) => readonly Path[];

const NONE: readonly Path[] = [];

/** The fields of the schema are read at the first request. */
export function fieldCheckFor(schema: z.ZodType): FieldCheck {
  let known: Known | undefined;
  return (body) => {
    known ??= knownOf([z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema]);
    const ignored: Path[] = [];
    collect(body, known, [], ignored);
    return ignored.length === 0 ? NONE : ignored;
  };
}

/** Adds the unknown fields of the value to `ignored`. */
function collect(value: unknown, { fields, items }: Known, path: Path, ignored: Path[]): void {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    if (items === undefined) return;
    for (const [index, item] of value.entries()) collect(item, items, [...path, index], ignored);
    return;
  }
  if (fields === undefined) return;
  // The value was parsed from JSON, so every name is its own.
  for (const name in value) {
    const field: unknown = value[name as keyof typeof value];
    const known = fields.get(name);
    if (known !== undefined) {
      // Most fields are neither objects nor lists.
      if (typeof field === 'object' && field !== null) collect(field, known, [...path, name], ignored);
      continue;
    }
    const meant = closestField(name, fields.keys());
    // With both spellings in the object, nothing is lost.
    if (meant !== undefined && !(meant in value)) throw misspelled(path, name, meant);
    if (ignored.length < REPORTED_MAX) ignored.push([...path, name]);
  }
}

/** Formats the header `homing-ignored-fields`. */
export function ignoredFieldsHeader(ignored: readonly Path[]): string {
  return ignored.map((path) => path.map(encoded).join('.')).join(', ');
}

const encoded = (name: string | number) =>
  encodeURIComponent(String(name).slice(0, NAME_MAX_CHARACTERS).toWellFormed());

/** Merges alternatives: a field that one of them knows is known. */
function knownOf(schemas: readonly JsonSchema[]): Known {
  const variants = schemas.flatMap(variantsOf);
  const byName = new Map<string, JsonSchema[]>();
  for (const { properties } of variants) {
    for (const [name, field] of Object.entries(properties ?? {})) {
      byName.set(name, [...(byName.get(name) ?? []), field]);
    }
  }
  const isOpen = variants.some(
    ({ additionalProperties }) => additionalProperties !== undefined && additionalProperties !== false,
  );
  const items = variants.flatMap((variant) => variant.items ?? []);
  return {
    fields:
      byName.size === 0 || isOpen
        ? undefined
        : new Map([...byName].map(([name, fields]) => [name, knownOf(fields)])),
    items: items.length === 0 ? undefined : knownOf(items),
  };
}

function variantsOf(schema: JsonSchema): JsonSchema[] {
  const { anyOf = [], oneOf = [] } = schema;
  return [schema, ...[...anyOf, ...oneOf].flatMap(variantsOf)];
}

/** Returns the field that differs in case, separators or one edit; undefined: none. */
export function closestField(name: string, known: Iterable<string>): string | undefined {
  if (name.length > NAME_MAX_CHARACTERS) return undefined;
  const plain = canonical(name);
  let close: string | undefined;
  for (const field of known) {
    const other = canonical(field);
    if (other === plain) return field;
    if (plain.length > SHORT_NAME && other.length > SHORT_NAME && isOneEditAway(plain, other))
      close ??= field;
  }
  return close;
}

const canonical = (name: string) => name.toLowerCase().replaceAll(/[\s_-]/g, '');

/** One character inserted, removed, replaced, or exchanged with its neighbor. */
function isOneEditAway(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start += 1;
  const [restA, restB] = [a.slice(start), b.slice(start)];
  return (
    restA.slice(1) === restB ||
    restA === restB.slice(1) ||
    restA.slice(1) === restB.slice(1) ||
    (restA[0] === restB[1] && restA[1] === restB[0] && restA.slice(2) === restB.slice(2))
  );
}

function misspelled(path: Path, name: string, meant: string): HomingError {
  const shown = name.slice(0, NAME_MAX_CHARACTERS);
  const whole = [...path, shown];
  const param = whole.join('.');
  const message = `'${param}' is not a field of this request. Did you mean '${[...path, meant].join('.')}'?`;
  return new HomingError('invalid_request', message, {
    param,
    issues: [{ in: 'body', path: whole, message, kind: 'unrecognized_keys', isMissing: false }],
  });
}
