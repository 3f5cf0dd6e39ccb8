/** Checks a database for damage in a worker thread with a separate connection, so that the check never blocks the broker. */
import { parentPort, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';

if (parentPort === null) throw new Error('check-worker.ts runs only in a worker thread.');
const connection = new Database(workerData.file as string, { readonly: true });
const result = connection.pragma('quick_check(1)', { simple: true }) as string;
connection.close();
parentPort.postMessage(result === 'ok' ? undefined : result);
