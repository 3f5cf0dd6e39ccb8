/** Defines contacts: handles saved with a name and custom fields. */
export type CustomFields = Readonly<Record<string, string | number | boolean>>;

export interface Contact {
  id: string;
  tenantId: number;
  /** E.164, a short code or an e-mail address. */
  handle: string;
  name: string | null;
  email: string | null;
  customFields: CustomFields;
  createdAt: number;
  updatedAt: number;
}

/** Splits a stored name: the first word is the first name, the rest is the last name. */
export function splitName(name: string | null): { firstName: string | null; lastName: string | null } {
  const [firstName, ...rest] = (name ?? '').split(' ').filter((word) => word !== '');
  return { firstName: firstName ?? null, lastName: rest.length === 0 ? null : rest.join(' ') };
}
