/**
 * Reads the file of a multipart/form-data body while it arrives. The form is limited: one file, a few short fields, which are
 * ignored. The receiver of the file limits its size.
 */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { BusboyFileStream, BusboyHeaders, BusboyInstance } from '@fastify/busboy';
import { type HomingError, invalidRequest } from '../core/model/errors.ts';
import { readChunks } from './request-body.ts';

export interface FormFile {
  /** File name without folders; undefined: none. */
  name: string | undefined;
  /** In lower case, without parameters. */
  contentType: string;
  /** Ends when the whole form is complete and valid. */
  bytes: AsyncIterable<Buffer>;
}

type FilePart = Omit<FormFile, 'bytes'> & { stream: BusboyFileStream };

const LIMITS = { files: 2, fields: 10, fieldSize: 4_096, parts: 12, headerPairs: 20, headerSize: 8_192 };
const NAME_MAX_CHARACTERS = 255;

/** Calls `work` with the file of the field. @throws HomingError if the form is malformed or has no such file. */
export async function readFormFile<T>(
  request: IncomingMessage,
  field: string,
  work: (file: FormFile) => Promise<T>,
): Promise<T> {
  const parser = await parserFor(request);
  const form = parse(parser, field);
  const stopped = Promise.withResolvers<void>();
  write(request, parser, stopped.promise).catch((error: unknown) =>
    form.fail(isDisconnect(error) ? malformed() : error),
  );
  try {
    const { stream, ...file } = await form.file;
    return await work({ ...file, bytes: wholeForm(stream, form.finished) });
  } finally {
    stopped.resolve();
  }
}

/** Replaces the characters that a file name cannot contain. */
export function safeFileName(name: string): string {
  const safe = name.replaceAll(/[/\\\0-\x1f\x7f]/g, '_');
  return safe.toWellFormed().slice(0, NAME_MAX_CHARACTERS);
}

/** The parser is loaded with the first form: it would delay the start of the broker. */
async function parserFor({ headers }: IncomingMessage): Promise<BusboyInstance> {
  const { 'content-type': type = '', 'content-encoding': encoding = 'identity' } = headers;
  if (!/^multipart\/form-data\s*;/i.test(type)) {
    const given = type === '' ? 'missing' : type.slice(0, 80);
    throw invalidRequest(`The Content-Type must be multipart/form-data with a boundary (it is ${given}).`);
  }
  if (encoding.toLowerCase() !== 'identity') {
    throw invalidRequest('A compressed body is not supported: send it without Content-Encoding.');
  }
  const { Busboy } = await import('@fastify/busboy');
  try {
    return new Busboy({ headers: headers as BusboyHeaders, limits: LIMITS });
  } catch {
    throw invalidRequest('The Content-Type has no boundary. Let your HTTP library set this header.');
  }
}

function parse(parser: BusboyInstance, field: string) {
  const file = Promise.withResolvers<FilePart>();
  const finished = Promise.withResolvers<void>();
  let open: BusboyFileStream | undefined;
  const fail = (error: unknown) => {
    file.reject(error);
    finished.reject(error);
    open?.destroy(error as Error);
  };
  // Only one of the two promises is awaited at any time.
  file.promise.catch(() => {});
  finished.promise.catch(() => {});
  const tooMany = () => fail(invalidRequest('The form has too many parts. Send only one file.', field));
  parser.on('file', (name, stream, fileName: string | undefined, _encoding, contentType) => {
    stream.on('error', () => fail(malformed()));
    if (name !== field || open !== undefined) {
      stream.resume();
      fail(open === undefined ? missing(field) : invalidRequest(`Send only one file, as '${field}'.`, field));
      return;
    }
    open = stream;
    const shownName = fileName === undefined || fileName === '' ? undefined : safeFileName(fileName);
    file.resolve({ stream, name: shownName, contentType });
  });
  parser.on('filesLimit', tooMany).on('fieldsLimit', tooMany).on('partsLimit', tooMany);
  parser.on('error', () => fail(malformed()));
  parser.on('finish', () => {
    file.reject(missing(field));
    finished.resolve();
  });
  return { file: file.promise, finished: finished.promise, fail };
}

/** Writes the body to the parser until `stopped` settles. The rest of the body is left unread. */
async function write(
  request: IncomingMessage,
  parser: BusboyInstance,
  stopped: Promise<void>,
): Promise<void> {
  let isStopped = false;
  const stopping = stopped.then(() => {
    isStopped = true;
  });
  for await (const chunk of readChunks(request)) {
    if (isStopped) return;
    if (!parser.write(chunk)) await Promise.race([once(parser, 'drain'), stopping]);
    if (isStopped) return;
  }
  parser.end();
}

async function* wholeForm(stream: BusboyFileStream, finished: Promise<void>): AsyncGenerator<Buffer> {
  yield* stream as AsyncIterable<Buffer>;
  await finished;
}

function isDisconnect(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ECONNRESET';
}

const malformed = (): HomingError => invalidRequest('The form is malformed or incomplete. Send it again.');
const missing = (field: string): HomingError =>
  invalidRequest(`The form needs a file in the field '${field}', with a file name.`, field);
