// `npm run client`: writes the types of the client in client/ anew, from the operations as the sources have them;
// `npm run client -- --check` only looks whether they are. Needs no build. Runs on any Node from 18.
import { join } from 'node:path';
import { become } from './child.mjs';
import { prepare, root, toolEnvironment } from './prepare.mjs';

await prepare({ build: false });
const generate = join(root, 'client/generate.ts');
await become(process.execPath, [generate, ...process.argv.slice(2)], { env: toolEnvironment() });
