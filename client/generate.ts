/**
 * Writes `src/schema.ts` (or the file that is named), the types of every path that customers call, from the document
 * that the broker itself gives at /openapi.json. With `--check` it writes nothing, and fails where the file would change.
 * The same operations give the same file, wherever and whenever it is made.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import openapiTypes, { astToString, type OpenAPI3 } from 'openapi-typescript';
import { describeApis } from '../broker/compose/describe-apis.ts';
import { openapiDocument } from '../broker/docs-site/openapi/document.ts';

const FILE = fileURLToPath(new URL('src/schema.ts', import.meta.url));
const HEAD =
  '// Made by `npm run client` from the OpenAPI document. Change the operations, not this file.\n\n';

async function makeSchema(): Promise<string> {
  const apis = await describeApis();
  const document = openapiDocument(apis, { publicUrl: 'http://127.0.0.1:8080', version: '0.0.0' });
  // A request may leave out a field that has a default.
  const types = await openapiTypes(document as unknown as OpenAPI3, { defaultNonNullable: false });
  return HEAD + astToString(types);
}

const { values, positionals } = parseArgs({
  options: { check: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const file = positionals[0] ?? FILE;
const schema = await makeSchema();
if (!values.check) writeFileSync(file, schema);
else if (readFileSync(file, 'utf8') !== schema) {
  process.stderr.write(
    `${file} is not of these operations. Run \`npm run client\` and commit what it writes.\n`,
  );
  process.exitCode = 1;
}
