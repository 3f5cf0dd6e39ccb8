/** What sends: AppleScript, or another program on the Mac that drives Messages. */
import { type Command, Option } from 'commander';
import { blueBubblesSender } from '../../../relay-agent/senders/bluebubbles-sender.ts';
import { imsgSender } from '../../../relay-agent/senders/imsg-sender.ts';
import { osascriptSender } from '../../../relay-agent/senders/osascript-sender.ts';
import type { Sender } from '../../../relay-agent/senders/sender.ts';
import { CommandError, EXIT } from '../../terminal.ts';

export interface SenderOptions {
  osascript: string;
  sender: 'osascript' | 'imsg' | 'bluebubbles';
  imsg: string;
  bluebubblesUrl: string;
  bluebubblesPassword?: string;
}

export function addSenderOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--sender <program>', 'what sends: AppleScript, imsg, or a BlueBubbles server on this Mac')
        .env('HOMING_RELAY_SENDER')
        .choices(['osascript', 'imsg', 'bluebubbles'])
        .default('osascript'),
    )
    .addOption(
      new Option('--imsg <program>', 'where imsg is (github.com/openclaw/imsg)')
        .env('HOMING_RELAY_IMSG')
        .default('imsg'),
    )
    .addOption(
      new Option('--bluebubbles-url <url>', 'the BlueBubbles server')
        .env('HOMING_RELAY_BLUEBUBBLES_URL')
        .default('http://127.0.0.1:1234'),
    )
    .addOption(
      // A password in the arguments would show in the list of processes.
      new Option('--bluebubbles-password <password>', 'its password; better given in the environment').env(
        'HOMING_RELAY_BLUEBUBBLES_PASSWORD',
      ),
    );
}

/** @throws CommandError */
export function senderFrom(options: SenderOptions, onProblem: (problem: string) => void): Sender {
  switch (options.sender) {
    case 'osascript':
      return osascriptSender(options.osascript);
    case 'imsg':
      return imsgSender({ program: options.imsg, onProblem });
    case 'bluebubbles': {
      const { bluebubblesUrl: url, bluebubblesPassword: password } = options;
      if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
        throw new CommandError(
          `--bluebubbles-url was given '${url}'; it takes http:// and an address.`,
          EXIT.usage,
        );
      }
      if (password === undefined || password === '') {
        throw new CommandError(
          'BlueBubbles asks for its server password: HOMING_RELAY_BLUEBUBBLES_PASSWORD.',
          EXIT.usage,
        );
      }
      return blueBubblesSender({ url, password });
    }
  }
}
