// A lock between processes: `withLock(file, work)` runs `work` while nobody else does, on this machine or on
// another that mounts the same folder. The owner renews the file's time while it works, so a lock whose owner
// was killed is taken over: at once if that was on this machine, otherwise when its time has stood still.
// Runs on any Node from 18.
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const RENEW_EVERY_MS = 2_000;
const ABANDONED_AFTER_MS = 30_000;
const RETRY_EVERY_MS = 100;

/** Resolves with what `work` gives. `onWait` is called once, with the owner's process id, if it has to wait. */
export async function withLock(file, work, onWait) {
  const owner = { pid: process.pid, host: hostname(), id: randomUUID() };
  mkdirSync(dirname(file), { recursive: true });
  let hasWaited = false;
  while (!create(file, JSON.stringify(owner))) {
    if (takeAwayIfAbandoned(file)) continue;
    if (!hasWaited) onWait?.(read(file)?.pid);
    hasWaited = true;
    await sleep(RETRY_EVERY_MS);
  }
  const renewing = setInterval(() => renew(file, owner), RENEW_EVERY_MS);
  try {
    return await work();
  } finally {
    clearInterval(renewing);
    if (read(file)?.id === owner.id) rmSync(file, { force: true });
  }
}

function create(file, content) {
  try {
    writeFileSync(file, content, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

function renew(file, owner) {
  if (read(file)?.id !== owner.id) return;
  const now = new Date();
  utimesSync(file, now, now);
}

// Only one process at a time may judge and remove: otherwise a second one that had judged the same old lock
// would remove the new lock of the first. The guard is held for no longer than these few synchronous calls.
function takeAwayIfAbandoned(file) {
  const guard = `${file}.guard`;
  if (!create(guard, '')) {
    if (ageMs(guard) > ABANDONED_AFTER_MS) rmSync(guard, { force: true });
    return false;
  }
  try {
    if (!isAbandoned(file)) return false;
    rmSync(file, { force: true });
    return true;
  } finally {
    rmSync(guard, { force: true });
  }
}

function isAbandoned(file) {
  const owner = read(file);
  if (owner?.host === hostname() && !isRunning(owner.pid)) return true;
  return ageMs(file) > ABANDONED_AFTER_MS;
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function ageMs(file) {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat ? Date.now() - stat.mtimeMs : 0;
}

// Nothing readable means that the owner is between creating and writing, or has just released it.
function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
