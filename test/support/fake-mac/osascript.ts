/**
 * Fakes `/usr/bin/osascript`: validates its script and arguments, and writes the rows of Messages to chat.db.
 * `behaviour.json` in its folder sets the behaviour for each recipient; each call is recorded in `calls.jsonl`.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { appendFileSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { insertOutbound } from './chat-tables.ts';

const [folder, dash, to, text, service, ...rest] = process.argv.slice(2);
if (folder !== undefined && dash === '-' && to === undefined) {
  printAccount(join(folder, 'behaviour.json'));
  process.exit(0);
}
if (folder === undefined || dash !== '-' || to === undefined || text === undefined || rest.length > 0) {
  fail('osascript: wrong arguments (-50)');
}
if (service !== 'iMessage' && service !== 'SMS') fail('the service is neither iMessage nor SMS (-50)');
/** The process of Messages, which continues after osascript has exited. */
const isMessages = process.env.FAKE_MESSAGES === '1';
const script = isMessages ? '' : readFileSync(0, 'utf8');
const behaviours = JSON.parse(readFileSync(join(folder, 'behaviour.json'), 'utf8')) as Record<string, string>;
const isFile = isMessages ? process.env.FAKE_FILE === '1' : script.includes('POSIX file');
if (!isMessages) {
  const isGroup = to.includes(';');
  const form = behaviours['*'] === 'older macOS' ? ['service', 'buddy'] : ['account', 'participant'];
  const target = isGroup ? 'chat id \\w+' : `${form[1]} \\w+ of \\w+`;
  if (
    !script.includes('on run argv') ||
    !new RegExp(`send (\\w+|\\(POSIX file \\w+\\)) to ${target}`).test(script)
  ) {
    fail('31:42: syntax error: Expected end of line but found identifier. (-2741)');
  }
  if (!isGroup && !script.includes(`1st ${form[0]} whose service type = ${service}`)) {
    fail('syntax error: the script selects no account (-2741)');
  }
  if (script.includes(to) || (text.length > 8 && script.includes(text))) {
    fail('the script contains its arguments (-2741)');
  }
  // Messages is sandboxed: it reads files only from its own folders.
  if (isFile && !text.startsWith(join(folder, 'Library/Messages/Attachments/homing/'))) {
    fail('execution error: Messages may not read the file. (-1700)');
  }
  const sent = isFile ? { file: basename(text), bytes: readFileSync(text).length } : {};
  appendFileSync(join(folder, 'calls.jsonl'), `${JSON.stringify({ to, text, service, ...sent })}\n`);
}

const database = new Database(join(folder, 'chat.db'));
database.pragma('busy_timeout = 5000');
const write = (change: Record<string, number> = {}) =>
  insertOutbound(database, {
    guid: randomUUID(),
    to,
    text: isFile ? '' : text,
    service,
    change,
    ...(to.includes(';') ? { group: { guid: knownGuid(to), name: 'Group' } } : {}),
    ...(isFile
      ? {
          attachments: [
            { filename: `~/Library/Messages/Attachments/ab/${basename(text)}`, name: basename(text) },
          ],
        }
      : {}),
  });
const update = (guid: string, change: string) =>
  database.prepare(`UPDATE message SET ${change} WHERE guid = ?`).run(guid);
const now = 'CAST((unixepoch() - 978307200) AS INTEGER) * 1000000000';

/** A behaviour for `;+;chat1` applies to a group with any prefix. */
const behaviour = behaviours[to] ?? behaviours[to.slice(to.indexOf(';'))] ?? 'deliver';
switch (isMessages ? 'deliver' : behaviour) {
  case 'late row':
    continueAsMessages(300);
    break;
  case 'very late row':
    continueAsMessages(4_000);
    break;
  case 'deliver': {
    if (isMessages) await wait(Number(process.env.FAKE_DELAY_MS));
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
  case 'no iMessage': {
    if (service === 'SMS') {
      update(write(), 'is_sent = 1');
      break;
    }
    const guid = write();
    await wait(50);
    update(guid, 'error = 22');
    break;
  }
  case 'no iMessage, no SMS': {
    if (service === 'SMS') {
      fail("execution error: Messages got an error: Can't get account 1 whose service type = SMS. (-1719)");
    }
    update(write(), 'error = 22');
    break;
  }
  case 'text fails':
    if (isFile) update(write(), 'is_sent = 1');
    else update(write(), 'error = 25');
    break;
  case 'no row':
    break;
  case 'ghost row in the group':
    writeGhost('SMS');
    break;
  case 'ghost row of iMessage in the group':
    writeGhost('iMessage');
    break;
  case 'ghost row with this guid, sent with the other':
    if (isFirstAttempt()) writeGhost('SMS');
    else update(write(), 'is_sent = 1');
    break;
  case 'unknown by this guid, known by the other':
    if (isFirstAttempt()) fail(`execution error: Messages got an error: Can’t get chat id "${to}". (-1728)`);
    update(write(), 'is_sent = 1');
    break;
  case 'unknown':
    fail(`execution error: Messages got an error: Can’t get chat id "${to}". (-1728)`);
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
    fail('execution error: Not authorized to send Apple events to Messages. (-1743)');
    break;
  case 'not running':
    fail("execution error: Messages got an error: Application isn't running. (-600)");
    break;
  case 'error, but sent':
    write({ is_sent: 1 });
    fail('execution error: Messages got an error: Can’t get participant. (-1728)');
    break;
  default:
    fail(`no such behaviour: ${behaviour}`);
}

/** Returns the guid of the group in chat.db: Messages accepts each prefix. */
function knownGuid(given: string): string {
  const known = database
    .prepare<[string], string>('SELECT guid FROM chat WHERE chat_identifier = ?')
    .pluck()
    .get(given.split(';').at(-1) ?? '');
  return known ?? given;
}

/** Writes the row of macOS 26 for a group message that is not sent: empty, in no chat, with an SMS handle of the group's id. */
function writeGhost(rowService: 'iMessage' | 'SMS'): void {
  const id = `${to}`.split(';').at(-1) ?? '';
  database.prepare("INSERT OR IGNORE INTO handle (id, service) VALUES (?, 'SMS')").run(id);
  database
    .prepare(
      `INSERT INTO message (guid, service, is_from_me, date, handle_id)
       VALUES (?, ?, 1, ${now}, (SELECT ROWID FROM handle WHERE id = ? AND service = 'SMS'))`,
    )
    .run(randomUUID(), rowService, id);
}

/** Returns whether this is the first call for the group, with any prefix. */
function isFirstAttempt(): boolean {
  const id = `${to}`.split(';').at(-1) ?? '';
  const calls = readFileSync(join(`${folder}`, 'calls.jsonl'), 'utf8').split('\n');
  return calls.filter((line) => line.includes(id)).length === 1;
}

/** Messages continues after osascript has exited. */
function continueAsMessages(delayMs: number): void {
  const env = { FAKE_MESSAGES: '1', FAKE_FILE: isFile ? '1' : '0', FAKE_DELAY_MS: String(delayMs) };
  spawn(process.execPath, ['--no-warnings', ...process.argv.slice(1)], {
    env: { ...process.env, ...env },
    detached: true,
    stdio: 'ignore',
  }).unref();
}

/** Answers the script for the state of the account: `connected`, unless the behaviour of `account` is another state. */
function printAccount(file: string): void {
  if (!readFileSync(0, 'utf8').includes('connection status')) fail('no such script (-2741)');
  process.stdout.write(`${JSON.parse(readFileSync(file, 'utf8')).account ?? 'connected'}\n`);
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
