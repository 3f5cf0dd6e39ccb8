/** Lists contacts by name, and stores the names of their custom fields. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Contact } from '../../core/model/contact.ts';
import type { ContactPlace, ContactQueries } from '../../core/ports/contacts.ts';
import type { NamedValues, Sql } from '../database.ts';
import { type ContactRow, contactFrom } from './contact-rows.ts';

/** Number of contacts that a search examines between two turns of the event loop. */
export const PART = 2_000;
/** Number of these parts that a search examines for one page. */
const PARTS_MAX = 25;

const KEY = 'LOWER(COALESCE(name, handle))';
const IN_ORDER = `FROM contacts INDEXED BY contacts_sorted
  WHERE world_id = @tenantId AND (${KEY}, id) > (@key, @id) ORDER BY ${KEY}, id`;
const MATCHES = `(LOWER(name) LIKE LOWER(@text) ESCAPE '\\' OR LOWER(handle) LIKE LOWER(@handle) ESCAPE '\\'
  OR LOWER(email) LIKE LOWER(@text) ESCAPE '\\')`;

type SortedRow = ContactRow & { sort_key: string };

interface ContactLists extends Pick<ContactQueries, 'byName' | 'fieldNames'> {
  recordFields(contact: Contact): Promise<void>;
}

export function contactLists(sql: Sql): ContactLists {
  const placeOf = (row: SortedRow | undefined): ContactPlace | undefined =>
    row && { key: row.sort_key, id: row.id };

  const search = async (values: NamedValues, limit: number, start: ContactPlace) => {
    const found: SortedRow[] = [];
    let place: ContactPlace | undefined = start;
    for (let parts = 0; parts < PARTS_MAX && place !== undefined; parts += 1) {
      const part: NamedValues = { ...values, ...place, limit: limit - found.length };
      const rows = await sql.all<SortedRow>(
        `SELECT * FROM (SELECT *, ${KEY} AS sort_key ${IN_ORDER} LIMIT ${PART}) AS examined
         WHERE ${MATCHES} ORDER BY sort_key, id LIMIT @limit`,
        part,
      );
      found.push(...rows);
      if (found.length === limit) return { found, next: placeOf(found.at(-1)) };
      const end = await sql.get<SortedRow>(
        `SELECT *, ${KEY} AS sort_key ${IN_ORDER} LIMIT 1 OFFSET ${PART - 1}`,
        part,
      );
      place = placeOf(end);
      if (place !== undefined) await nextTurn();
    }
    return { found, next: place };
  };

  return {
    async byName(tenantId, { limit, after = { key: '', id: '' }, search: text }) {
      if (text !== undefined) {
        const { found, next } = await search({ tenantId, ...patternsOf(text) }, limit, after);
        return { contacts: found.map(contactFrom), next };
      }
      const rows = await sql.all<SortedRow>(`SELECT *, ${KEY} AS sort_key ${IN_ORDER} LIMIT @limit`, {
        ...{ tenantId, ...after },
        limit: limit + 1,
      });
      const page = rows.slice(0, limit);
      return {
        contacts: page.map(contactFrom),
        next: rows.length > limit ? placeOf(page.at(-1)) : undefined,
      };
    },
    async fieldNames(tenantId, limit) {
      const rows = await sql.all<{ name: string }>(
        'SELECT name FROM contact_fields WHERE world_id = ? ORDER BY name LIMIT ?',
        tenantId,
        limit,
      );
      return rows.map(({ name }) => name);
    },
    async recordFields({ tenantId, customFields, updatedAt }) {
      for (const name of Object.keys(customFields)) {
        await sql.insert(
          `INSERT INTO contact_fields (world_id, name, created_at) VALUES (@tenantId, @name, @updatedAt)
           ON CONFLICT DO NOTHING`,
          { tenantId, name, updatedAt },
        );
      }
    },
  };
}

/** A number is found with and without separators. */
function patternsOf(text: string): { text: string; handle: string } {
  const isNumber = /^[\d\s()+.-]+$/.test(text) && /\d/.test(text);
  const handle = isNumber ? text.replaceAll(/\D/g, '') : text;
  return { text: pattern(text), handle: pattern(handle) };
}

/** Returns a pattern of LIKE for texts that contain the part. The escape character is a backslash. */
export const pattern = (part: string) => `%${part.replaceAll(/[\\%_]/g, '\\$&')}%`;
