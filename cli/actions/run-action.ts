/** Runs a command that queues an action on a message, and prints the action. */
import type { Command } from 'commander';
import { HomingError } from '../../broker/core/model/errors.ts';
import { HomingApiError } from '../../client/src/index.ts';
import { addAccountOptions, withAccount } from '../account-source.ts';
import { addSettings } from '../settings-options.ts';
import { CommandError, EXIT, type OutputOptions, printJson, printNotice } from '../terminal.ts';
import { type ActionOutput, type ActionSource, localActions, remoteActions } from './action-source.ts';

/** Next steps by error code. */
const NEXT_STEPS: Readonly<Record<string, string>> = {
  not_found: 'List the messages with: npx homing messages',
  too_late: 'Send a correction as a reply instead: npx homing send --reply-to',
};

export function addActionOptions(command: Command): Command {
  return addSettings(addAccountOptions(command.option('--json', 'JSON output')), [
    'dataDir',
    'messageTtlHours',
  ]);
}

/** @throws CommandError with the next step if the message is unknown or too old for the change */
export async function runAction(
  command: Command,
  { json }: OutputOptions,
  work: (source: ActionSource) => Promise<ActionOutput>,
): Promise<void> {
  const sources = { local: localActions, remote: remoteActions };
  await withAccount(command, sources, async (source) => {
    const queued = await work(source).catch(throwWithNextStep);
    if (json) printJson(queued);
    else if (queued.status === 'failed') printNotice(`${queued.id} is cancelled.`);
    else printNotice(`Queued ${queued.id}. ${source.resultHint(queued)}`);
  });
}

function throwWithNextStep(error: unknown): never {
  if (error instanceof HomingError || error instanceof HomingApiError) {
    const next = NEXT_STEPS[error.code];
    if (next !== undefined) throw new CommandError(`${error.message} ${next}`, EXIT.failed);
  }
  throw error;
}
