/** Returns the URLs of attachments in responses and events. */
import type { Media } from '../../core/model/media.ts';
import type { Message } from '../../core/model/message.ts';

/**
 * Returns the URL of an attachment, by default the first one: the sender's URL if outbound, an expiring link if inbound.
 */
export type MediaUrlOf = (message: Message, media?: Media | undefined) => string | null;

/** Lifetime of a link to an attachment. */
const LINK_MS = 60 * 60 * 1000;

export function mediaUrls(linkTo: (mediaId: string, until: number) => string, now: () => number): MediaUrlOf {
  return ({ direction, media: [first] }, media = first) => {
    if (media === undefined) return null;
    // A provider's URL of inbound media needs the provider's key, so the broker serves the file.
    if (direction === 'outbound' && media.sourceUrl !== null) return media.sourceUrl;
    return media.sha256 === null && media.sourceUrl === null ? null : linkTo(media.id, now() + LINK_MS);
  };
}
