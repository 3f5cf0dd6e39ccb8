/**
 * Links to attachments that work without a key, for those who can't send one (a device's download, an `<img>`), and
 * end after a while. The signature covers the attachment and the end.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { formatId } from '../../shared/ids.ts';

export interface MediaLinks {
  /** An absolute URL that works until then (epoch ms). */
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
      const right = Buffer.from(sign(mediaId, expires));
      const given = Buffer.from(signature);
      if (right.length !== given.length || !timingSafeEqual(right, given)) return 'forged';
      return Number(expires) * 1000 > options.now() ? 'valid' : 'expired';
    },
  };
}
