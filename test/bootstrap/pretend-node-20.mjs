// Loaded before a script with `--import`: the script finds itself on Node 20, on the processor $PRETEND_ARCH if given.
Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } });
if (process.env.PRETEND_ARCH) Object.defineProperty(process, 'arch', { value: process.env.PRETEND_ARCH });
