/** Tests that one file sent to several recipients is stored once, until the last of its messages is deleted. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { purgeUnclaimedMedia } from '../../../broker/core/messages/retention.ts';
import type { Media } from '../../../broker/core/model/media.ts';
import type { OwnNumber } from '../../../broker/core/model/number.ts';
import { type TemporaryStore, temporaryStore } from '../../support/temporary-store.ts';

const BYTES = Buffer.from('the bytes');
const PURGE_AFTER_MS = 40 * 86_400_000;

describe('an attachment', () => {
  let base: TemporaryStore;
  let number: OwnNumber;
  let first: Media;
  beforeEach(async () => {
    base = await temporaryStore();
    number = await base.addNumber('+14155550199');
    first = {
      id: base.ids(),
      sourceUrl: 'https://example.com/a.png',
      contentType: 'image/png',
      size: BYTES.length,
      name: 'a.png',
      sha256: 'ab',
      width: 1,
      height: 2,
    };
    const upload = { tenantId: base.live.id, deviceId: null, uploadId: null, createdAt: base.now() };
    await base.store.transaction(async (tx) => {
      await tx.media.putChunk(first.id, 0, BYTES);
      await tx.media.insertUpload(upload, first);
    });
  });
  afterEach(() => base.close());

  const send = (media: Media) => base.insert({ numberId: number.id, media: [media] });
  const bytesOf = ({ id }: Media) => base.store.read.media.chunk(id, 0);
  const purgeLater = async () => {
    base.advance(PURGE_AFTER_MS);
    return purgeUnclaimedMedia(base.store, base.now());
  };

  it('keeps its metadata and bytes when a message claims it', async () => {
    const { id } = await send(first);
    expect(await base.store.read.messages.find(base.live.id, id)).toMatchObject({ media: [first] });
    expect(await purgeLater()).toBe(0);
    expect(await bytesOf(first)).toEqual(BYTES);
  });

  it('that no message claims is deleted by the nightly purge', async () => {
    expect(await purgeLater()).toBe(1);
    expect(await base.store.read.media.find(first.id)).toBeUndefined();
    expect(await bytesOf(first)).toBeUndefined();
  });

  it('shared by two messages keeps its bytes until both messages are deleted', async () => {
    const second = { ...first, id: base.ids(), bytesOf: first.id };
    const firstMessage = await send(first);
    const secondMessage = await send(second);
    expect(await base.store.read.media.find(second.id)).toEqual(second);
    expect(await bytesOf(second)).toEqual(BYTES);
    await base.store.transaction((tx) => tx.messages.remove(firstMessage));
    expect(await purgeLater()).toBe(0);
    expect(await bytesOf(second)).toEqual(BYTES);
    await base.store.transaction((tx) => tx.messages.remove(secondMessage));
    expect(await purgeLater()).toBe(1);
    expect(await bytesOf(first)).toBeUndefined();
  });

  it('of one message is deleted with the message', async () => {
    const message = await send(first);
    await base.store.transaction((tx) => tx.messages.remove(message));
    expect(await bytesOf(first)).toBeUndefined();
  });

  it('that messages share without its own message belongs to one of them after the nightly purge', async () => {
    const second = { ...first, id: base.ids(), bytesOf: first.id };
    const third = { ...first, id: base.ids(), bytesOf: first.id };
    const message = await send(second);
    const other = await send(third);
    expect(await purgeLater()).toBe(1);
    expect(await purgeLater()).toBe(0);
    const found = [];
    for (const { id } of [message, other])
      found.push((await base.store.read.messages.find(base.live.id, id))!);
    const [owner, sharer] = found.toSorted((one) => (one.media[0]!.id === first.id ? -1 : 1));
    expect(owner!.media).toEqual([first]);
    expect(sharer!.media[0]!.bytesOf).toBe(first.id);
    for (const { media } of found) expect(await bytesOf(media[0]!)).toEqual(BYTES);
    await base.store.transaction((tx) => tx.messages.remove(owner!));
    expect(await bytesOf(sharer!.media[0]!)).toEqual(BYTES);
    await base.store.transaction((tx) => tx.messages.remove(sharer!));
    expect(await purgeLater()).toBe(1);
    expect(await bytesOf(first)).toBeUndefined();
  });

  it('without its own message is deleted with the last message that shares it', async () => {
    const second = { ...first, id: base.ids(), bytesOf: first.id };
    const third = { ...first, id: base.ids(), bytesOf: first.id };
    const message = await send(second);
    const other = await send(third);
    await base.store.transaction((tx) => tx.messages.remove(message));
    expect(await bytesOf(third)).toEqual(BYTES);
    await base.store.transaction((tx) => tx.messages.remove(other));
    expect(await bytesOf(first)).toBeUndefined();
    expect(await base.store.read.media.find(first.id)).toBeUndefined();
  });
});
