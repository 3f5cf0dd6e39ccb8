/** Joins the names of contacts, and applies changes to custom fields. */
import type { CustomFields } from '../../core/model/contact.ts';
import { invalidRequest } from '../../core/model/errors.ts';
import { CUSTOM_FIELDS_MAX } from './request-schemas.ts';

export function joinName(firstName: string | null, lastName: string | null): string | null {
  return [firstName, lastName].filter((name) => name !== null && name !== '').join(' ') || null;
}

/** A value of null deletes the field; omitted fields stay unchanged. @throws HomingError over the maximum */
export function changeCustomFields(
  fields: CustomFields,
  change: Readonly<Record<string, string | null>> | undefined,
): CustomFields {
  if (change === undefined) return fields;
  const next = new Map(Object.entries(fields));
  for (const [name, value] of Object.entries(change)) {
    if (value === null) next.delete(name);
    else next.set(name, value);
  }
  if (next.size > CUSTOM_FIELDS_MAX) {
    throw invalidRequest(`'custom' must have at most ${CUSTOM_FIELDS_MAX} fields in total.`, 'custom');
  }
  return Object.fromEntries(next);
}
