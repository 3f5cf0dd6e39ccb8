/**
 * Every migration, in order. A migration that has been released is never edited: add the next number.
 */
import { sql as base } from './0001-base.ts';
import { sql as attachments } from './0002-attachments.ts';
import { sql as shortcuts } from './0003-shortcuts.ts';

export interface Migration {
  number: number;
  name: string;
  sql: string;
}

export const MIGRATIONS: readonly Migration[] = [
  { number: 1, name: 'base', sql: base },
  { number: 2, name: 'attachments', sql: attachments },
  { number: 3, name: 'shortcuts', sql: shortcuts },
];
