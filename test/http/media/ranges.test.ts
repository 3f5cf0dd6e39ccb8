/** Tests downloads of attachments by signed links: ranges, validators and HEAD. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningBroker } from '../../support/homing-process.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import { linkedFiles } from '../../support/linked-files.ts';

/** Longer than two chunks of the database. */
const VIDEO = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7 + (index >> 8)) % 251));
const SIZE = VIDEO.length;
const sha256 = createHash('sha256').update(VIDEO).digest();
const ETAG = `"${sha256.toString('hex')}"`;
const DIGEST = `sha-256=:${sha256.toString('base64')}:`;

describe('GET /media/:id', () => {
  let broker: RunningBroker;
  let link: string;

  const get = (headers: Record<string, string> = {}, method = 'GET') => fetch(link, { method, headers });
  const bytesOf = async (response: Response) => Buffer.from(await response.arrayBuffer());

  beforeAll(async () => {
    broker = await startInProcess();
    link = await (await linkedFiles(broker, '+14155556801')).receive(VIDEO, 'video/mp4', 'clip.mp4');
  });
  afterAll(() => broker?.dispose());

  it('returns the whole file with its size, its digest and the offer of ranges', async () => {
    const response = await get();
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'video/mp4',
      'content-length': String(SIZE),
      'content-digest': DIGEST,
      'accept-ranges': 'bytes',
      etag: ETAG,
      'cross-origin-resource-policy': 'cross-origin',
      'content-security-policy': "sandbox; default-src 'none'",
    });
    expect((await bytesOf(response)).equals(VIDEO)).toBe(true);
  });

  it.each<[string, string, number, number]>([
    ['the beginning', 'bytes=0-99', 0, 99],
    ['one byte', 'bytes=131072-131072', 131_072, 131_072],
    ['a part of all chunks', 'bytes=131000-263000', 131_000, 263_000],
    ['the rest', 'bytes=200000-', 200_000, SIZE - 1],
    ['the last bytes', 'bytes=-10', SIZE - 10, SIZE - 1],
    ['more last bytes than the file has', 'bytes=-400000', 0, SIZE - 1],
    ['a range beyond the end', 'bytes=299999-400000', SIZE - 1, SIZE - 1],
  ])('returns 206 with %s only', async (_, range, from, to) => {
    const response = await get({ range });
    expect(response.status).toBe(206);
    expect(response.headers.get('content-range')).toBe(`bytes ${from}-${to}/${SIZE}`);
    expect(response.headers.get('content-length')).toBe(String(to - from + 1));
    expect(response.headers.get('content-digest')).toBeNull();
    expect((await bytesOf(response)).equals(VIDEO.subarray(from, to + 1))).toBe(true);
  });

  it.each(['bytes=300000-', 'bytes=400000-500000', 'bytes=-0'])('returns 416 for %s', async (range) => {
    const response = await get({ range });
    expect(response.status).toBe(416);
    expect(response.headers.get('content-range')).toBe(`bytes */${SIZE}`);
    expect(await response.json()).toEqual({
      error: {
        code: 'range_not_satisfiable',
        message: 'The range is behind the end of the file, which has 300000 bytes.',
      },
    });
  });

  it.each(['bytes=0-1,5-6', 'bytes=9-1', 'bytes=-', 'bytes=a-b', 'lines=0-1'])(
    'ignores the range %s and returns the whole file',
    async (range) => {
      const response = await get({ range });
      expect([response.status, (await bytesOf(response)).length]).toEqual([200, SIZE]);
    },
  );

  it('applies a range only to the file that If-Range names', async () => {
    const range = 'bytes=0-1';
    for (const [ifRange, status] of [
      [ETAG, 206],
      ['"other"', 200],
      [`W/${ETAG}`, 200],
      ['Sat, 21 Nov 2026 08:00:00 GMT', 200],
    ] as const) {
      const response = await get({ range, 'if-range': ifRange });
      expect(response.status, ifRange).toBe(status);
      await response.arrayBuffer();
    }
  });

  it('returns 304 if the client has the file', async () => {
    for (const tags of [ETAG, `W/${ETAG}`, `"other", ${ETAG}`, '*']) {
      const response = await get({ 'if-none-match': tags, range: 'bytes=0-1' });
      expect([response.status, await response.text()], tags).toEqual([304, '']);
    }
    expect((await get({ 'if-none-match': '"other"' }, 'HEAD')).status).toBe(200);
  });

  it('returns the headers of the whole file to HEAD, and ignores its range', async () => {
    const response = await get({ range: 'bytes=0-1' }, 'HEAD');
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-length': String(SIZE),
      'content-digest': DIGEST,
      'accept-ranges': 'bytes',
      etag: ETAG,
    });
    expect(await response.text()).toBe('');
  });

  it('returns an empty file, which has no ranges', async () => {
    link = await (await linkedFiles(broker, '+14155556802')).receive(Buffer.alloc(0), 'text/plain');
    const response = await get();
    expect([response.status, response.headers.get('content-length')]).toEqual([200, '0']);
    expect((await get({ range: 'bytes=0-' })).status).toBe(416);
  });
});
