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
  properties?: Record<string, unknown>;
  additionalProperties?: unknown;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
}

/** Returns the ignored fields of a body. @throws HomingError for a misspelled field */
export type FieldCheck = (body: unknown) => readonly string[];

const NONE: readonly string[] = [];

/** The fields of the schema are read at the first request. */
export function fieldCheckFor(schema: z.ZodType): FieldCheck {
  let known: ReadonlySet<string> | undefined | 'any';
  return (body) => {
    if (typeof body !== 'object' || body === null || Array.isArray(body)) return NONE;
    known ??=
      fieldsOf(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema) ?? 'any';
    if (known === 'any') return NONE;
    let ignored: string[] | undefined;
    for (const name of Object.keys(body)) {
      if (known.has(name)) continue;
      const meant = closestField(name, known);
      // With both spellings in the body, nothing is lost.
      if (meant !== undefined && !(meant in body)) throw misspelled(name, meant);
      ignored ??= [];
      if (ignored.length < REPORTED_MAX) ignored.push(name);
    }
    return ignored ?? NONE;
  };
}

/** Formats the header `homing-ignored-fields`. */
export function ignoredFieldsHeader(ignored: readonly string[]): string {
  return ignored
    .map((name) => encodeURIComponent(name.slice(0, NAME_MAX_CHARACTERS).toWellFormed()))
    .join(', ');
}

/** undefined: the schema accepts any field. */
function fieldsOf(schema: JsonSchema): Set<string> | undefined {
  const fields = new Set(Object.keys(schema.properties ?? {}));
  for (const option of [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]) {
    for (const name of fieldsOf(option) ?? []) fields.add(name);
  }
  const isOpen = schema.additionalProperties !== undefined && schema.additionalProperties !== false;
  return fields.size === 0 || isOpen ? undefined : fields;
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

function misspelled(name: string, meant: string): HomingError {
  const shown = name.slice(0, NAME_MAX_CHARACTERS);
  const message = `'${shown}' is not a field of this request. Did you mean '${meant}'?`;
  return new HomingError('invalid_request', message, {
    param: shown,
    issues: [{ in: 'body', path: [shown], message, kind: 'unrecognized_keys', isMissing: false }],
  });
}
