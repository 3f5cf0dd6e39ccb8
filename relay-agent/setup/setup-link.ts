/** What the owner pastes to pair: the whole setup link, from which the broker's address follows, or its code alone. */
import { SetupError } from './setup-error.ts';

/** For advice. In single quotes, since a shell takes the link's `?` for its own. */
export const PAIR_COMMAND = "npx homing relay pair '<setup link>'";

const CODE = /^dev_[\w-]+$/;
const PAGE = /\/setup-shortcut\/?$/;

export interface PairingCode {
  code: string;
  /** The broker's address, where the link says it. */
  url: string | undefined;
}

/** @throws SetupError */
export function readPairingCode(given: string): PairingCode {
  const text = given.trim();
  if (CODE.test(text)) return { code: text, url: undefined };
  const link = URL.canParse(text) ? new URL(text) : undefined;
  const code = link?.searchParams.get('token') ?? '';
  if (link !== undefined && /^https?:$/.test(link.protocol) && PAGE.test(link.pathname) && CODE.test(code)) {
    return { code, url: `${link.origin}${link.pathname.replace(PAGE, '')}` };
  }
  throw new SetupError(
    'This is neither a setup link (https://…/setup-shortcut?token=dev_…) nor its code (dev_…). ' +
      '`npx homing pair +1…` beside the broker prints both; put the link in quotes, or the shell takes its ? for its own.',
  );
}
