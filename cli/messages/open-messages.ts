/** The messages that a command is about, as its options say: of this machine, or of a broker elsewhere. */
import type { Command } from 'commander';
import { DEFAULT_ACCOUNT, findTenant } from '../../broker/core/accounts/accounts.ts';
import { readEnvironment, withStore } from '../local-store.ts';
import { addRemoteOptions, explaining, remoteOf } from '../remote-broker.ts';
import { localMessages } from './local-messages.ts';
import { remoteMessages } from './remote-messages.ts';
import type { MessageSource } from './source.ts';

interface PlaceOptions {
  account: string;
  environment: string;
}

export function addPlace(command: Command): Command {
  return addRemoteOptions(
    command
      .option('--account <slug>', 'the account', DEFAULT_ACCOUNT)
      .option('--environment <live|test>', 'its live side, or test for its sandbox', 'live'),
  );
}

export async function withMessages(
  command: Command,
  work: (messages: MessageSource) => Promise<void>,
): Promise<void> {
  const handle = remoteOf(command);
  if (handle !== undefined) {
    await explaining(handle, () => work(remoteMessages(handle.homing, handle.key)));
    return;
  }
  const { account, environment } = command.opts<PlaceOptions>();
  const side = readEnvironment(environment);
  await withStore(command, async (local) => {
    const tenant = await findTenant(local.store.read, account, side);
    await work(localMessages(local, tenant));
  });
}
