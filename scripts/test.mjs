// `npm test`: makes the checkout ready and runs vitest on it under Node 24, with the arguments given here.
// The exit status is vitest's. Runs on any Node from 18.
import { join } from 'node:path';
import { become } from './child.mjs';
import { prepare, root, toolEnvironment } from './prepare.mjs';

await prepare();
const vitest = join(root, 'node_modules/vitest/vitest.mjs');
await become(process.execPath, [vitest, 'run', ...process.argv.slice(2)], { env: toolEnvironment() });
