// Locks a file between processes, on this machine or on another one that mounts the same folder: `withLock(file, work)`
// runs `work` in one process at a time. The owner renews the file's modification time while it works.
// A waiting process removes the lock of a killed owner: immediately if the owner ran on this machine, otherwise after
// 30 s without a renewal. Runs on Node 18 or newer.
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const RENEW_EVERY_MS = 2_000;
const ABANDONED_AFTER_MS = 30_000;
const RETRY_EVERY_MS = 100;

/** Resolves with the result of `work`. Calls `onWait` once, with the owner's process id, if the file is locked. */
export async function withLock(file, work, onWait) {
  const owner = { pid: process.pid, host: hostname(), id: randomUUID() };
  mkdirSync(dirname(file), { recursive: true });
  let hasWaited = false;
  while (!create(file, JSON.stringify(owner))) {
    if (removeIfAbandoned(file)) continue;
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

// The guard file lets one process at a time check and remove. Otherwise a second process that had checked the same old
// lock would remove the new lock of the first. The guard exists only during these few synchronous calls.
function removeIfAbandoned(file) {
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

// An unreadable file means that the owner has not written it yet or has just released it.
function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
