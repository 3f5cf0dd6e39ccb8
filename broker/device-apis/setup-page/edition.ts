/** Selects the edition of the shortcuts for a phone: by the query of the page, or by its browser. */
import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { EDITIONS, type Edition } from '../../../shared/shortcut-editions.ts';

const FIRST_WITH_TRIGGERS = 27;

/** An unknown edition counts as missing. */
export const editionQuery = z.object({ edition: z.enum(EDITIONS).optional().catch(undefined) });

/**
 * Safari 26 and later report iOS 18 and the version of Safari, which is that of iOS. Other browsers may report only iOS
 * 18; the page then links to the edition for iOS 27.
 */
export function editionOf({ headers }: IncomingMessage, chosen: Edition | undefined): Edition {
  if (chosen !== undefined) return chosen;
  const agent = headers['user-agent'] ?? '';
  const versions = [/\bOS (\d{1,3})_/.exec(agent)?.[1], /\bVersion\/(\d{1,3})\./.exec(agent)?.[1]].map(
    Number,
  );
  const isPhone = /\b(iPhone|iPod)\b/.test(agent);
  return isPhone && versions.some((version) => version >= FIRST_WITH_TRIGGERS) ? 'ios-27' : 'ios-16';
}

export function otherEdition(edition: Edition): Edition {
  return edition === 'ios-27' ? 'ios-16' : 'ios-27';
}

export const EDITION_TITLES: Readonly<Record<Edition, string>> = {
  'ios-16': 'iOS 16 to 26',
  'ios-27': 'iOS 27 and later',
};
