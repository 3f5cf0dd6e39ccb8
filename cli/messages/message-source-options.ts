/** Selects the message source of a command from its options: the local data folder or a remote broker. */
import type { Command } from 'commander';
import { DEFAULT_ACCOUNT, findTenant } from '../../broker/core/accounts/accounts.ts';
import { readEnvironment, withStore } from '../local-store.ts';
import { addRemoteOptions, mapApiErrors, remoteBrokerOf } from '../remote-broker.ts';
import { localMessages } from './local-messages.ts';
import type { MessageSource } from './message-source.ts';
import { remoteMessages } from './remote-messages.ts';

interface SourceOptions {
  account: string;
  environment: string;
}

export function addMessageSourceOptions(command: Command): Command {
  return addRemoteOptions(
    command
      .option('--account <slug>', 'account', DEFAULT_ACCOUNT)
      .option('--environment <live|test>', 'environment of the account; test is the sandbox', 'live'),
  );
}

export async function withMessageSource(
  command: Command,
  work: (source: MessageSource) => Promise<void>,
): Promise<void> {
  const broker = remoteBrokerOf(command);
  if (broker !== undefined) {
    await mapApiErrors(broker, () => work(remoteMessages(broker.homing, broker.key)));
    return;
  }
  const options = command.opts<SourceOptions>();
  const environment = readEnvironment(options.environment);
  await withStore(command, async (local) => {
    const tenant = await findTenant(local.store.read, options.account, environment);
    await work(localMessages(local, tenant));
  });
}
