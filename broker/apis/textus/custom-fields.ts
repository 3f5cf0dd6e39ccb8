/** Changes to custom fields: a value is set, null takes the field away, what is not named stays. */
import type { CustomFields } from '../../core/model/contact.ts';
import { invalidRequest } from '../../core/model/errors.ts';
import { CUSTOM_FIELDS_MAX } from './field-schemas.ts';

/** @throws HomingError where they would become too many */
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
    throw invalidRequest(`There can be at most ${CUSTOM_FIELDS_MAX} custom fields.`, 'custom');
  }
  return Object.fromEntries(next);
}
