// Replaces the Node version that a script reads by 20, and its architecture by $PRETEND_ARCH if that is set. Loaded with
// `--import` before the script.
Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } });
if (process.env.PRETEND_ARCH) Object.defineProperty(process, 'arch', { value: process.env.PRETEND_ARCH });
