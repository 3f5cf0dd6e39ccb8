/** Implements `homing react`. */

import { Command } from 'commander';
import { isEmoji } from '../../broker/core/model/reaction.ts';
import { isTapback, TAPBACKS } from '../../shared/capabilities.ts';
import { addActionOptions, runAction } from '../actions/run-action.ts';
import { action, CommandError, EXIT, type OutputOptions } from '../terminal.ts';

interface ReactOptions extends OutputOptions {
  remove?: boolean;
  part: string;
}

const PART_MAX = 1_000;

export function reactCommand(): Command {
  const command = new Command('react')
    .description('React to a message, or remove your reaction.')
    .argument('<message>', 'id of the message, msg_…')
    .argument('<reaction>', `${TAPBACKS.join(', ')}, or one emoji`)
    .option('--remove', 'remove this reaction')
    .option('--part <number>', `text or file of the message, 0 to ${PART_MAX}`, '0');
  return addActionOptions(command).action(
    action(async (messageId: string, reaction: string, { remove, part: given, ...output }: ReactOptions) => {
      if (!isTapback(reaction) && !isEmoji(reaction)) {
        throw new CommandError(
          `<reaction> was given '${reaction}'; allowed: ${TAPBACKS.join(', ')}, or one emoji.`,
          EXIT.usage,
        );
      }
      const part = Number(given);
      if (!/^\d+$/.test(given) || part > PART_MAX) {
        throw new CommandError(`--part was given '${given}'; allowed: 0 to ${PART_MAX}.`, EXIT.usage);
      }
      await runAction(command, output, (source) =>
        remove ? source.removeReaction(messageId, reaction, part) : source.react(messageId, reaction, part),
      );
    }),
  );
}
