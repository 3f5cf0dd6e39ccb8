/** Adds the options of the senders: AppleScript, and other programs that control Messages. */
import { type Command, Option } from 'commander';
import { blueBubblesSender } from '../../../relay-agent/senders/bluebubbles-sender.ts';
import { imsgSender } from '../../../relay-agent/senders/imsg-sender.ts';
import { osascriptSender } from '../../../relay-agent/senders/osascript-sender.ts';
import { rankedSenders, type Senders } from '../../../relay-agent/senders/ranked-senders.ts';
import type { Sender, SenderName } from '../../../relay-agent/senders/sender.ts';
import { readSecretFile } from '../../secret-file.ts';
import { CommandError, EXIT } from '../../terminal.ts';

/** The senders by rank: imsg with its bridge supports the most, AppleScript the least. */
const RANKS = ['imsg', 'bluebubbles', 'osascript'] as const satisfies readonly SenderName[];

export interface SenderOptions {
  osascript: string;
  sender: 'auto' | SenderName;
  imsg: string;
  bluebubblesUrl: string;
  bluebubblesPasswordFile?: string;
}

export function addSenderOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--sender <program>',
        'sender: AppleScript, imsg, or a BlueBubbles server; auto uses the first one that supports an item',
      )
        .env('HOMING_RELAY_SENDER')
        .choices(['auto', ...RANKS])
        .default('auto'),
    )
    .addOption(
      new Option('--imsg <program>', 'imsg program (github.com/openclaw/imsg)')
        .env('HOMING_RELAY_IMSG')
        .default('imsg'),
    )
    .addOption(
      new Option('--bluebubbles-url <url>', 'URL of the BlueBubbles server')
        .env('HOMING_RELAY_BLUEBUBBLES_URL')
        .default('http://127.0.0.1:1234'),
    )
    .addOption(
      new Option(
        '--bluebubbles-password-file <file>',
        'file with the password of the BlueBubbles server; - is standard input (default: HOMING_RELAY_BLUEBUBBLES_PASSWORD)',
      ),
    );
}

/** Creates the selected senders. `auto` includes BlueBubbles if its password is set. @throws CommandError */
export function sendersFrom(options: SenderOptions, onProblem: (problem: string) => void): Senders {
  const { sender } = options;
  const names = sender === 'auto' ? RANKS.filter((name) => isConfigured(name, options)) : [sender];
  return rankedSenders(names.map((name) => senderFrom(name, options, onProblem)));
}

function isConfigured(name: SenderName, options: SenderOptions): boolean {
  return name !== 'bluebubbles' || isPasswordGiven(options);
}

function isPasswordGiven({ bluebubblesPasswordFile }: SenderOptions): boolean {
  return bluebubblesPasswordFile !== undefined || Boolean(process.env.HOMING_RELAY_BLUEBUBBLES_PASSWORD);
}

function senderFrom(name: SenderName, options: SenderOptions, onProblem: (problem: string) => void): Sender {
  switch (name) {
    case 'osascript':
      return osascriptSender(options.osascript);
    case 'imsg':
      return imsgSender({ program: options.imsg, onProblem });
    case 'bluebubbles': {
      const { bluebubblesUrl: url, bluebubblesPasswordFile: file } = options;
      const password =
        file === undefined
          ? process.env.HOMING_RELAY_BLUEBUBBLES_PASSWORD
          : readSecretFile('--bluebubbles-password-file', file);
      if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
        throw new CommandError(
          `--bluebubbles-url was given '${url}'; allowed: http:// or https:// URL.`,
          EXIT.usage,
        );
      }
      if (password === undefined || password === '') {
        throw new CommandError(
          'The password of the BlueBubbles server is missing. Set HOMING_RELAY_BLUEBUBBLES_PASSWORD.',
          EXIT.usage,
        );
      }
      return blueBubblesSender({ url, password, onProblem });
    }
  }
}
