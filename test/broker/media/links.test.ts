import { describe, expect, it } from 'vitest';
import { mediaLinks } from '../../../broker/media/links.ts';

const ID = '01m7yr8vfqftebdcaf8ea8wwzf';
const HOUR_MS = 3_600_000;

describe('a signed media link', () => {
  const startedAt = Date.UTC(2026, 10, 21, 8);
  let at = startedAt;
  const options = { key: 'secret', publicUrl: () => 'https://homing.test', now: () => at };
  const links = mediaLinks(options);
  const link = new URL(links.linkTo(ID, startedAt + HOUR_MS));
  const expires = link.searchParams.get('expires')!;
  const signature = link.searchParams.get('signature')!;

  it('is valid until its expiry time and never after it', () => {
    for (const [after, state] of [
      [0, 'valid'],
      [HOUR_MS - 1, 'valid'],
      [HOUR_MS, 'expired'],
      [HOUR_MS + 1, 'expired'],
      [365 * 24 * HOUR_MS, 'expired'],
    ] as const) {
      at = startedAt + after;
      expect(links.check(ID, expires, signature), String(after)).toBe(state);
    }
  });

  it('is valid for one attachment, one expiry time and one signing key', () => {
    at = startedAt;
    expect(links.check('01m7yr8vfqftebdcaf8ea8wwz0', expires, signature)).toBe('forged');
    expect(links.check(ID, String(Number(expires) + 1), signature)).toBe('forged');
    expect(links.check(ID, `0${expires}`, signature)).toBe('forged');
    expect(links.check(ID, expires, '')).toBe('forged');
    expect(mediaLinks({ ...options, key: 'other' }).check(ID, expires, signature)).toBe('forged');
  });

  it('is recognised by its signature, also with another host name', () => {
    at = startedAt;
    const parsed = { mediaId: ID, state: 'valid', hasConversion: false };
    expect(links.parse(link.href)).toEqual(parsed);
    expect(links.parse(link.href.replace('homing.test', 'localhost'))).toEqual(parsed);
    expect(links.parse(`${link.href}&format=jpeg`)).toEqual({ ...parsed, hasConversion: true });
    expect(links.parse(link.href.slice(0, -1))).toEqual({ ...parsed, state: 'forged' });
    expect(links.parse('https://homing.test/media/cat.png')).toMatchObject({ state: 'forged' });
    at = startedAt + HOUR_MS;
    expect(links.parse(link.href)).toEqual({ ...parsed, state: 'expired' });
  });

  it('of another server is not a link of this broker', () => {
    const elsewhere = link.href.replace('homing.test', 'example.com');
    for (const url of [
      elsewhere.slice(0, -1),
      'https://example.com/media/cat.png',
      'https://example.com/cat.png',
      'no url /media/',
      '',
    ]) {
      expect(links.parse(url), url).toBeUndefined();
    }
  });
});
