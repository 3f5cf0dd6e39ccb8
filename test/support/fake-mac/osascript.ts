/**
 * Stands in for `/usr/bin/osascript`: checks how it is called, and writes what Messages would write into
 * chat.db. What it does for a recipient is in `behaviour.json` of its folder; each call goes to `calls.jsonl`.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { insertOutgoing } from './chat-tables.ts';

const [folder, dash, to, text, service, ...rest] = process.argv.slice(2);
if (folder === undefined || dash !== '-' || to === undefined || text === undefined || rest.length > 0) {
  refuse('osascript: wrong arguments (-50)');
}
if (service !== 'iMessage' && service !== 'SMS') refuse('the service is neither iMessage nor SMS (-50)');
/** Messages itself, which goes on when osascript has ended. */
const isMessages = process.env.FAKE_MESSAGES === '1';
if (!isMessages) {
  const script = readFileSync(0, 'utf8');
  if (!script.includes('on run argv') || !/send \w+ to participant \w+ of \w+/.test(script)) {
    refuse('syntax error: the script does not send (-2741)');
  }
  if (script.includes(to) || (text.length > 8 && script.includes(text))) {
    refuse('the script holds what belongs in its arguments (-2741)');
  }
  appendFileSync(join(folder, 'calls.jsonl'), `${JSON.stringify({ to, text, service })}\n`);
}

const behaviours = JSON.parse(readFileSync(join(folder, 'behaviour.json'), 'utf8')) as Record<string, string>;
const database = new Database(join(folder, 'chat.db'));
database.pragma('busy_timeout = 5000');
const write = (change: Record<string, number> = {}) =>
  insertOutgoing(database, { guid: randomUUID(), to, text, service, change });
const update = (guid: string, change: string) =>
  database.prepare(`UPDATE message SET ${change} WHERE guid = ?`).run(guid);
const now = 'CAST((unixepoch() - 978307200) AS INTEGER) * 1000000000';

switch (isMessages ? 'deliver' : (behaviours[to] ?? 'deliver')) {
  case 'late row':
    spawn(process.execPath, ['--no-warnings', ...process.argv.slice(1)], {
      env: { ...process.env, FAKE_MESSAGES: '1' },
      detached: true,
      stdio: 'ignore',
    }).unref();
    break;
  case 'deliver': {
    if (isMessages) await wait(300);
    const guid = write();
    await wait(30);
    update(guid, 'is_sent = 1');
    await wait(30);
    update(guid, `is_delivered = 1, date_delivered = ${now}`);
    break;
  }
  case 'sent only':
    write({ is_sent: 1 });
    break;
  case 'late error 22': {
    const guid = write();
    await wait(200);
    update(guid, 'error = 22');
    break;
  }
  case 'no row':
    break;
  case 'ghost row':
    database
      .prepare(`INSERT INTO message (guid, service, is_from_me, date) VALUES (?, 'iMessage', 1, ${now})`)
      .run(randomUUID());
    break;
  case 'stall': {
    const guid = write();
    update(guid, 'is_sent = 1');
    await wait(60_000);
    break;
  }
  case 'denied':
    refuse('execution error: Not authorized to send Apple events to Messages. (-1743)');
    break;
  case 'not running':
    refuse("execution error: Messages got an error: Application isn't running. (-600)");
    break;
  case 'error, but sent':
    write({ is_sent: 1 });
    refuse('execution error: Messages got an error: Can’t get participant. (-1728)');
    break;
  default:
    refuse(`no such behaviour: ${behaviours[to]}`);
}

function refuse(complaint: string): never {
  process.stderr.write(`${complaint}\n`);
  process.exit(1);
}
