/** Writes a backup in a worker thread, so that the copy never blocks the broker. Posts the copied part, 0 to 1. */
import { parentPort, workerData } from 'node:worker_threads';
import { writeBackup } from './backup.ts';

const port = parentPort;
if (port === null) throw new Error('backup-worker.ts runs only in a worker thread.');
const { source, target } = workerData as { source: string; target: string };
await writeBackup(source, target, (copied) => port.postMessage(copied));
