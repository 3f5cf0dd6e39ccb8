/**
 * Baseline: stores each send in SQLite with node:http: one message row and one timeline row, no index except the
 * primary key. The requests of one turn of the event loop share a commit; their responses follow it.
 * The argument is the database file.
 */
import Database from 'better-sqlite3';
import { acceptServer, type BareMessage } from './accept-server.ts';

const database = new Database(process.argv[2]);
database.pragma('journal_mode = WAL');
database.pragma('synchronous = FULL');
database.exec(`
  CREATE TABLE messages (id TEXT PRIMARY KEY, remote TEXT, own_number TEXT, content TEXT, status TEXT, created_at INTEGER);
  CREATE TABLE timeline (message_id TEXT, at INTEGER, kind TEXT, status TEXT);
`);
const insert = database.prepare('INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?)');
const append = database.prepare('INSERT INTO timeline VALUES (?, ?, ?, ?)');
const begin = database.prepare('BEGIN IMMEDIATE');
const commit = database.prepare('COMMIT');

let waiting: Array<{ message: BareMessage; done: () => void }> = [];

acceptServer((message, done) => {
  waiting.push({ message, done });
  if (waiting.length === 1) setImmediate(flush);
});

function flush(): void {
  const batch = waiting;
  waiting = [];
  begin.run();
  for (const { message } of batch) {
    insert.run(message.id, message.to, message.from, message.content, 'queued', message.at);
    append.run(message.id, message.at, 'accepted', 'queued');
  }
  commit.run();
  for (const { done } of batch) done();
}
