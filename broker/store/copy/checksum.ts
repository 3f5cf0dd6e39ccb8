/**
 * Computes the checksum of a table, the same on both engines: the sum of a 64-bit hash of each row, so the order of the
 * rows does not matter. The hash covers every column, as its length in bytes and its text; of bytes, their SHA-256.
 */
import { createHash, hash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type pg from 'pg';
import { encode } from '../postgres/statements.ts';
import type { SourceRow, SourceTable } from './source.ts';

export interface Checksum {
  rows: number;
  /** 16 hexadecimal digits. */
  sum: string;
}

/** Rows between two turns of the event loop. */
const TURN_ROWS = 1_000;
const HASH_BITS = 64;

/** `onRows` gets the number of rows since its last call. */
export async function sourceChecksum(
  rows: Iterable<SourceRow>,
  onRows: (count: number) => void,
): Promise<Checksum> {
  let count = 0;
  let sum = 0n;
  for (const row of rows) {
    sum += createHash('sha256').update(canonical(row)).digest().readBigInt64BE();
    count += 1;
    if (count % TURN_ROWS === 0) {
      onRows(TURN_ROWS);
      await nextTurn();
    }
  }
  onRows(count % TURN_ROWS);
  return { rows: count, sum: hex(sum) };
}

/** `types` has the type of each column by `table.column`. */
export async function targetChecksum(
  client: pg.Client,
  { name, columns }: Pick<SourceTable, 'name' | 'columns'>,
  types: ReadonlyMap<string, string>,
): Promise<Checksum> {
  const fields = columns.map((column) => {
    const isBytes = types.get(`${name}.${column}`) === 'bytea';
    const text = isBytes ? `encode(sha256(${column}), 'hex')` : `${column}::text`;
    return `COALESCE(octet_length(${text}) || ':' || ${text}, '-')`;
  });
  const digest = `sha256(convert_to(${fields.join(' || ')}, 'UTF8'))`;
  const { rows } = await client.query<{ rows: number; sum: string }>(
    `SELECT COUNT(*) AS rows,
       COALESCE(SUM(('x' || encode(substr(${digest}, 1, 8), 'hex'))::bit(${HASH_BITS})::bigint), 0)::text AS sum
     FROM ${name}`,
  );
  const [row] = rows;
  return { rows: row?.rows ?? 0, sum: hex(BigInt(row?.sum ?? 0)) };
}

function canonical(row: SourceRow): string {
  let text = '';
  for (const value of row) {
    if (value === null) {
      text += '-';
      continue;
    }
    const part = value instanceof Uint8Array ? hash('sha256', value, 'hex') : String(encode(value));
    text += `${Buffer.byteLength(part)}:${part}`;
  }
  return text;
}

const hex = (sum: bigint) =>
  BigInt.asUintN(HASH_BITS, sum)
    .toString(16)
    .padStart(HASH_BITS / 4, '0');
