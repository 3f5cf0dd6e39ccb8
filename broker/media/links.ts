/**
 * Signs links to attachments. A link works without a key (for devices and `<img>`) and expires. The signature covers the
 * id of the attachment and the expiry time.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { formatId } from '../../shared/ids.ts';

export interface MediaLinks {
  /** Returns an absolute URL that expires at `until` (epoch ms). */
  linkTo(mediaId: string, until: number): string;
  check(mediaId: string, expires: string, signature: string): 'valid' | 'expired' | 'forged';
}

export function mediaLinks(options: { key: string; publicUrl: () => string; now: () => number }): MediaLinks {
  const sign = (mediaId: string, expires: string) =>
    createHmac('sha256', options.key).update(`media:${mediaId}:${expires}`).digest('base64url');
  return {
    linkTo(mediaId, until) {
      const expires = String(Math.ceil(until / 1000));
      const query = `expires=${expires}&signature=${sign(mediaId, expires)}`;
      return `${options.publicUrl()}/media/${formatId('med', mediaId)}?${query}`;
    },
    check(mediaId, expires, signature) {
      const expected = Buffer.from(sign(mediaId, expires));
      const given = Buffer.from(signature);
      if (expected.length !== given.length || !timingSafeEqual(expected, given)) return 'forged';
      return Number(expires) * 1000 > options.now() ? 'valid' : 'expired';
    },
  };
}
