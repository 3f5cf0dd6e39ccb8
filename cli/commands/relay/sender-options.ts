/** Adds the options of the sender: AppleScript, or another program that controls Messages. */
import { type Command, Option } from 'commander';
import { blueBubblesSender } from '../../../relay-agent/senders/bluebubbles-sender.ts';
import { imsgSender } from '../../../relay-agent/senders/imsg-sender.ts';
import { osascriptSender } from '../../../relay-agent/senders/osascript-sender.ts';
import type { Sender } from '../../../relay-agent/senders/sender.ts';
import { readSecretFile } from '../../secret-file.ts';
import { CommandError, EXIT } from '../../terminal.ts';

export interface SenderOptions {
  osascript: string;
  sender: 'osascript' | 'imsg' | 'bluebubbles';
  imsg: string;
  bluebubblesUrl: string;
  bluebubblesPasswordFile?: string;
}

export function addSenderOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--sender <program>', 'sender: AppleScript, imsg, or a BlueBubbles server on this Mac')
        .env('HOMING_RELAY_SENDER')
        .choices(['osascript', 'imsg', 'bluebubbles'])
        .default('osascript'),
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

/** Creates the selected sender. @throws CommandError */
export function senderFrom(options: SenderOptions, onProblem: (problem: string) => void): Sender {
  switch (options.sender) {
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
      return blueBubblesSender({ url, password });
    }
  }
}
