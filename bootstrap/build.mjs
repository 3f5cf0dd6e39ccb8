// `node bootstrap/build.mjs`: builds dist/ and client/dist/ from the sources, with Node itself: it removes the types and
// rewrites the imports of .ts files. Checks no types; `npm run typecheck` does. Needs Node 24.
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const SOURCE_FOLDERS = ['broker', 'cli', 'client/src', 'relay-agent', 'shared', 'shortcuts'];
const JSON_IMPORT = /\bfrom\s*(['"])(\.{1,2}\/[^'"\n]+\.json)\1/g;
const RELATIVE_IMPORT = /(\bfrom\s*|\bimport\s*\(?\s*)(['"])(\.{1,2}\/[^'"\n]+)\.ts\2/g;

for (const folder of SOURCE_FOLDERS) buildFolder(folder, `dist/${folder}`);
buildFolder('client/src', 'client/dist');

function buildFolder(from, to) {
  for (const entry of readdirSync(join(root, from), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.ts') || entry.name.endsWith('.d.ts')) continue;
    const source = join(entry.parentPath, entry.name);
    const built = join(root, to, relative(join(root, from), source)).replace(/\.ts$/, '.js');
    const code = stripTypeScriptTypes(readFileSync(source, 'utf8'));
    for (const [, , path] of code.matchAll(JSON_IMPORT)) copyJson(resolve(dirname(source), path));
    mkdirSync(dirname(built), { recursive: true });
    writeFileSync(built, code.replace(RELATIVE_IMPORT, '$1$2$3.js$2'));
  }
}

/** A file outside of the source folders keeps its place relative to them. */
function copyJson(file) {
  cpSync(file, join(root, 'dist', relative(root, file)));
}
