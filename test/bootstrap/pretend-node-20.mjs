// Makes a script see Node 20 and, if given, the architecture $PRETEND_ARCH. Loaded with `--import` before the script.
Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } });
if (process.env.PRETEND_ARCH) Object.defineProperty(process, 'arch', { value: process.env.PRETEND_ARCH });
