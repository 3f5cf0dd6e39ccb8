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
