/**
 * Translates the statements of a migration for PostgreSQL.
 *
 * Texts are compared byte by byte, as in SQLite: ids must sort in the same order on every server.
 */
export function postgresDdl(sql: string): string {
  return sql
    .replace(/--.*$/gm, '')
    .replace(/\bTEXT\b/g, 'TEXT COLLATE "C"')
    .replace(/\bBLOB\b/g, 'BYTEA')
    .replace(/\)\s*WITHOUT ROWID\s*;/g, ');');
}
