/** Tests reads and fetches of attachments: a range costs only the chunks that it covers, and one of several fetches counts. */
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MEDIA_CHUNK_BYTES, NOT_FETCHED, type StoredMedia } from '../../../broker/core/model/media.ts';
import type { Store } from '../../../broker/core/ports/store.ts';
import { MediaLibrary } from '../../../broker/media/library.ts';
import { type TemporaryStore, temporaryStore } from '../../support/temporary-store.ts';

const CHUNKS = 5;
const SIZE = CHUNKS * MEDIA_CHUNK_BYTES;

describe('a read of an attachment', () => {
  let base: TemporaryStore;
  let library: MediaLibrary;
  let file: StoredMedia;
  let read: number[];
  beforeEach(async () => {
    base = await temporaryStore();
    read = [];
    const { store } = base;
    const media = Object.create(store.read.media) as Store['read']['media'];
    media.chunk = (id, position) => {
      read.push(position);
      return store.read.media.chunk(id, position);
    };
    library = new MediaLibrary({
      ...{ ids: base.ids, now: base.now },
      store: { ...store, read: { ...store.read, media } },
      fetch: () => Promise.reject(new Error('Nothing is fetched here.')),
      providerHeaders: () => undefined,
    });
    file = {
      id: base.ids(),
      ...{ sourceUrl: null, contentType: 'video/mp4', name: null, sha256: 'ab', width: null, height: null },
      size: SIZE,
    };
    await store.transaction(async (tx) => {
      for (let position = 0; position < CHUNKS; position += 1) {
        await tx.media.putChunk(file.id, position, Buffer.alloc(MEDIA_CHUNK_BYTES, position));
      }
    });
  });
  afterEach(() => base.close());

  const sizeOf = async (from: number, to: number) => {
    let size = 0;
    for await (const part of library.read(file, { from, to })) size += part.length;
    return size;
  };

  it('reads only the chunks of its range', async () => {
    const third = 2 * MEDIA_CHUNK_BYTES;
    expect(await sizeOf(third + 5, third + 9)).toBe(5);
    expect(read.splice(0)).toEqual([2]);
    expect(await sizeOf(third - 1, third)).toBe(2);
    expect(read.splice(0)).toEqual([1, 2]);
    expect(await sizeOf(SIZE - 1, SIZE - 1)).toBe(1);
    expect(read).toEqual([4]);
  });

  it('reads no chunk before the consumer asks for it', async () => {
    const parts = library.read(file);
    expect(read).toEqual([]);
    await parts.next();
    expect(read).toEqual([0]);
    await parts.return(undefined);
    expect(read).toEqual([0]);
  });
});

it('two brokers that fetch a changing file at the same time store the bytes of one of them', async () => {
  const base = await temporaryStore();
  const { store } = base;
  try {
    const number = await base.addNumber('+14155550199');
    const id = base.ids();
    const media = { ...NOT_FETCHED, id, sourceUrl: 'https://example.com/a', contentType: null, name: null };
    await base.insert({ numberId: number.id, media: [media] });
    let waiting = 0;
    const bothFetched = Promise.withResolvers<void>();
    const libraryWith = (fill: number, chunks: number) =>
      new MediaLibrary({
        ...{ store, ids: base.ids, now: base.now, isShared: true, providerHeaders: () => undefined },
        fetch: async () => {
          waiting += 1;
          if (waiting === 2) bothFetched.resolve();
          await bothFetched.promise;
          return { bytes: Buffer.alloc(chunks * MEDIA_CHUNK_BYTES, fill), contentType: 'image/png' };
        },
      });
    const libraries = [libraryWith(1, 3), libraryWith(2, 5)] as const;
    const [a, b] = await Promise.all(libraries.map((library) => library.open(id)));
    expect(a).toEqual(b);
    const bytes: Buffer[] = [];
    for await (const part of libraries[0].read(a!)) bytes.push(Buffer.from(part));
    const all = Buffer.concat(bytes);
    expect(all.equals(Buffer.alloc(a!.size, all[0]))).toBe(true);
    expect(await store.read.media.chunk(id, a!.size / MEDIA_CHUNK_BYTES)).toBeUndefined();
    expect(createHash('sha256').update(all).digest('hex')).toBe(a!.sha256);
  } finally {
    await base.close();
  }
});
