/**
 * Signs links to attachments. A link works without a key (for devices and `<img>`) and expires. The signature covers the
 * id of the attachment and the expiry time.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { formatId, parseId } from '../../shared/ids.ts';

type LinkState = 'valid' | 'expired' | 'forged';

export interface ParsedLink {
  mediaId: string;
  state: LinkState;
  /** Whether the link names a thumbnail or another format. */
  hasConversion: boolean;
}

export interface MediaLinks {
  /** Returns an absolute URL that expires at `until` (epoch ms). */
  linkTo(mediaId: string, until: number): string;
  check(mediaId: string, expires: string, signature: string): LinkState;
  /** Parses a link of this broker, also with another host name; undefined for other URLs. */
  parse(url: string): ParsedLink | undefined;
}

const UNKNOWN_LINK: ParsedLink = { mediaId: '', state: 'forged', hasConversion: false };
const LINK_PATH = /\/media\/(med_\w{1,40})$/;

export function mediaLinks(options: { key: string; publicUrl: () => string; now: () => number }): MediaLinks {
  const sign = (mediaId: string, expires: string) =>
    createHmac('sha256', options.key).update(`media:${mediaId}:${expires}`).digest('base64url');
  const check: MediaLinks['check'] = (mediaId, expires, signature) => {
    const expected = Buffer.from(sign(mediaId, expires));
    const given = Buffer.from(signature);
    if (expected.length !== given.length || !timingSafeEqual(expected, given)) return 'forged';
    return Number(expires) * 1000 > options.now() ? 'valid' : 'expired';
  };
  return {
    check,
    linkTo(mediaId, until) {
      const expires = String(Math.ceil(until / 1000));
      const query = `expires=${expires}&signature=${sign(mediaId, expires)}`;
      return `${options.publicUrl()}/media/${formatId('med', mediaId)}?${query}`;
    },
    parse(url) {
      if (!url.includes('/media/') || !URL.canParse(url)) return undefined;
      const { pathname, searchParams } = new URL(url);
      const mediaId = parseId('med', LINK_PATH.exec(pathname)?.[1] ?? '');
      const isHere = url.startsWith(`${options.publicUrl()}/media/`);
      if (mediaId === undefined) return isHere ? UNKNOWN_LINK : undefined;
      const state = check(mediaId, searchParams.get('expires') ?? '', searchParams.get('signature') ?? '');
      if (state === 'forged' && !isHere) return undefined;
      return { mediaId, state, hasConversion: searchParams.has('thumbnail') || searchParams.has('format') };
    },
  };
}
