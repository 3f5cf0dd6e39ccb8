/** Writes each built file a second time, compressed with Brotli, so that the broker need not compress anything. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import type { Plugin } from 'vite';

/** The highest level: the files are compressed once and downloaded often. */
const QUALITY = 11;

export function compress(): Plugin {
  let folder = '';
  return {
    name: 'compress',
    apply: 'build',
    configResolved: ({ root, build }) => {
      folder = join(root, build.outDir, 'assets');
    },
    closeBundle() {
      for (const name of readdirSync(folder).filter((one) => /\.(?:js|css)$/.test(one))) {
        const file = join(folder, name);
        const params = { [constants.BROTLI_PARAM_QUALITY]: QUALITY };
        writeFileSync(`${file}.br`, brotliCompressSync(readFileSync(file), { params }));
      }
    },
  };
}
