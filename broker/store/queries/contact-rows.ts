/** Maps rows of contacts to contacts. */
import type { Contact } from '../../core/model/contact.ts';

export interface ContactRow {
  id: string;
  world_id: number;
  handle: string;
  name: string | null;
  email: string | null;
  custom_fields: string;
  created_at: number;
  updated_at: number;
}

export function contactFrom(row: ContactRow): Contact {
  return {
    id: row.id,
    tenantId: row.world_id,
    handle: row.handle,
    name: row.name,
    email: row.email,
    customFields: JSON.parse(row.custom_fields),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
