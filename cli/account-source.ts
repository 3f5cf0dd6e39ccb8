/** Selects the account of a command from its options: a tenant of the local data folder, or the API key of a remote broker. */
import type { Command } from 'commander';
import { DEFAULT_ACCOUNT, findTenant } from '../broker/core/accounts/accounts.ts';
import type { Tenant } from '../broker/core/model/tenant.ts';
import { type LocalStore, readEnvironment, withStore } from './local-store.ts';
import { addRemoteOptions, mapApiErrors, type RemoteBroker, remoteBrokerOf } from './remote-broker.ts';

interface AccountOptions {
  account: string;
  environment: string;
}

export function addAccountOptions(command: Command): Command {
  return addRemoteOptions(
    command
      .option('--account <slug>', 'account', DEFAULT_ACCOUNT)
      .option('--environment <live|test>', 'environment of the account; test is the sandbox', 'live'),
  );
}

/** Builds the source for the selected account and runs `work` with it. */
export async function withAccount<Source, Result>(
  command: Command,
  sources: {
    local: (local: LocalStore, tenant: Tenant) => Source;
    remote: (broker: RemoteBroker) => Source;
  },
  work: (source: Source) => Promise<Result>,
): Promise<Result> {
  const broker = remoteBrokerOf(command);
  if (broker !== undefined) return mapApiErrors(broker, () => work(sources.remote(broker)));
  const options = command.opts<AccountOptions>();
  const environment = readEnvironment(options.environment);
  return withStore(command, async (local) => {
    const tenant = await findTenant(local.store.read, options.account, environment);
    return work(sources.local(local, tenant));
  });
}
