/** Parses the setup link that the owner pastes to pair the Mac, or the code in it. */
import { SetupError } from './setup-error.ts';

/** The command in advice. The quotes keep the shell from expanding the `?` of the link. */
export const PAIR_COMMAND = "npx homing relay pair '<setup link>'";

const CODE = /^dev_[\w-]+$/;
const PAGE = /\/setup-shortcut\/?$/;

export interface PairingCode {
  code: string;
  /** URL of the broker; undefined for a code without a link. */
  url: string | undefined;
}

/** @throws SetupError */
export function readPairingCode(input: string): PairingCode {
  const text = input.trim();
  if (CODE.test(text)) return { code: text, url: undefined };
  const link = URL.canParse(text) ? new URL(text) : undefined;
  const code = link?.searchParams.get('token') ?? '';
  if (link !== undefined && /^https?:$/.test(link.protocol) && PAGE.test(link.pathname) && CODE.test(code)) {
    return { code, url: `${link.origin}${link.pathname.replace(PAGE, '')}` };
  }
  throw new SetupError(
    'The argument is neither a setup link (https://…/setup-shortcut?token=dev_…) nor its code (dev_…). Run ' +
      '`npx homing pair +1…` on the machine of the broker to get a link, and put the link in quotes.',
  );
}
