/** Reads the page that `npm run build` has built. The build also compresses the files. */
import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HomingError, notFound } from '../core/model/errors.ts';
import { acceptsEncoding } from '../http/accepts-encoding.ts';
import { oneChunk } from '../http/one-chunk.ts';
import type { OperationResponse } from '../http/operation.ts';

export interface BuiltPage {
  /** `base`: path prefix of the broker behind a proxy. */
  html(base: string, nonce: string): string;
  /** @throws HomingError not_found */
  file(path: string, request: IncomingMessage): Promise<OperationResponse>;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};
const FILE = /^(?:assets\/)?[\w-]+(?:\.[\w-]+)*\.(?:js|css|svg)$/;
const IMMUTABLE = 'public, max-age=31536000, immutable';
const SHORT = 'public, max-age=3600';
const BASE_ELEMENT = '<base href="/dashboard/" />';
const NONCE_ATTRIBUTE = 'nonce=""';

/** @throws HomingError unavailable if the page was not built */
export async function readBuiltPage(folder = builtFolder()): Promise<BuiltPage> {
  const source = await read(join(folder, 'index.html'));
  if (source === undefined) {
    throw new HomingError('unavailable', 'The dashboard is not built.', {
      fix: 'Run `npm run build` in the folder of Homing and reload this page.',
    });
  }
  const [beforeBase, afterBase] = parts(source.toString('utf8'), BASE_ELEMENT);
  const [beforeNonce, afterNonce] = parts(afterBase, NONCE_ATTRIBUTE);
  return {
    html: (base, nonce) =>
      `${beforeBase}<base href="${base}/dashboard/" />${beforeNonce}nonce="${nonce}"${afterNonce}`,
    async file(path, request) {
      if (!FILE.test(path)) throw notFound('File');
      const compressed = acceptsEncoding(request, 'br') ? await read(join(folder, `${path}.br`)) : undefined;
      const bytes = compressed ?? (await read(join(folder, path)));
      if (bytes === undefined) throw notFound('File');
      return {
        status: 200,
        contentType: CONTENT_TYPES[extname(path)] ?? 'application/octet-stream',
        stream: { size: bytes.length, chunks: oneChunk(bytes) },
        headers: {
          'cache-control': path.startsWith('assets/') ? IMMUTABLE : SHORT,
          vary: 'accept-encoding',
          ...(compressed === undefined ? {} : { 'content-encoding': 'br' }),
        },
      };
    },
  };
}

/** The sources and the built program are at different depths. */
function builtFolder(): string {
  const isBuilt = import.meta.url.endsWith('.js');
  return fileURLToPath(new URL(isBuilt ? '../../dashboard/' : '../../dist/dashboard/', import.meta.url));
}

async function read(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function parts(text: string, separator: string): [string, string] {
  const [before, after, ...rest] = text.split(separator);
  if (before === undefined || after === undefined || rest.length > 0)
    throw new Error(`The built page must contain ${separator} once.`);
  return [before, after];
}
