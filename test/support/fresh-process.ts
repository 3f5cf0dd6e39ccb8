/**
 * Setup file of every test file. A worker runs several files in one process; each begins with the file mode mask of a new
 * one. A broker that runs in the process of a test has changed it.
 */
const worker = globalThis as { homingTestUmask?: number };
worker.homingTestUmask ??= process.umask();
process.umask(worker.homingTestUmask);
