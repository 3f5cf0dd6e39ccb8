/** `homing relay status`: what is installed, runs and is paired, and whether the broker can be reached. */
import { resolve } from 'node:path';
import { Command } from 'commander';
import { probeHealth } from '../../../relay-agent/setup/broker-probe.ts';
import type { ServiceState } from '../../../relay-agent/setup/launch-agent.ts';
import type { StoredPairing } from '../../../relay-agent/setup/pairing-store.ts';
import { SetupError } from '../../../relay-agent/setup/setup-error.ts';
import { PAIR_COMMAND } from '../../../relay-agent/setup/setup-link.ts';
import { CommandError, type OutputOptions, printJson, printLine } from '../../terminal.ts';
import {
  addBrokerOptions,
  addLogOption,
  addServiceOptions,
  addStoreOptions,
  type BrokerOptions,
  knownBroker,
  type LogOptions,
  type ServiceOptions,
  type StoreOptions,
  serviceOf,
  setupAction,
  storeOf,
} from './options.ts';

interface StatusOptions extends OutputOptions, BrokerOptions, StoreOptions, ServiceOptions, LogOptions {}

interface BrokerState {
  url: string | null;
  isReachable: boolean;
  problem: string | null;
}

export function statusCommand(): Command {
  const command = new Command('status')
    .description('Show whether the agent is installed, runs and is paired, and whether the broker answers.')
    .option('--json', 'print JSON');
  for (const add of [addBrokerOptions, addStoreOptions, addServiceOptions, addLogOption]) add(command);
  return command.action(
    setupAction(async (options: StatusOptions) => {
      const service = serviceOf(options);
      const state = await service.state();
      const pairing = storeOf(options).read();
      const broker = await brokerState(options);
      if (options.json) {
        printJson({
          installed: state.isInstalled,
          plist: service.file,
          running: state.pid !== undefined,
          pid: state.pid ?? null,
          last_exit: state.lastExit ?? null,
          launchd_problem: state.problem ?? null,
          paired: pairing !== undefined,
          broker: broker.url,
          broker_reachable: broker.isReachable,
          broker_problem: broker.problem,
          device: pairing?.device ?? null,
          numbers: pairing?.numbers ?? [],
          token_in: pairing?.tokenIn ?? null,
          data_dir: resolve(options.dataDir),
          log_file: resolve(options.logFile),
        });
        return;
      }
      printLine(`Agent   ${agentSentence(state)}`);
      printLine(`Paired  ${pairingSentence(pairing)}`);
      printLine(`Broker  ${brokerSentence(broker)}`);
      printLine(`Data    ${resolve(options.dataDir)}`);
      printLine(`Log     ${resolve(options.logFile)}`);
    }),
  );
}

async function brokerState(options: StatusOptions): Promise<BrokerState> {
  let url: string;
  try {
    url = knownBroker(options).url();
  } catch (error) {
    if (error instanceof CommandError || error instanceof SetupError) {
      return { url: null, isReachable: false, problem: error.message };
    }
    throw error;
  }
  const answer = await probeHealth(url);
  if (answer.kind === 'unreachable') return { url, isReachable: false, problem: answer.problem };
  if (answer.status === 200) return { url, isReachable: true, problem: null };
  return { url, isReachable: false, problem: `${url} answered ${answer.status}` };
}

function agentSentence({ isInstalled, isLoaded, pid, lastExit, problem }: ServiceState): string {
  const ended = lastExit === undefined ? '' : ` (it ended with ${lastExit} before)`;
  if (problem !== undefined) return `launchd can't be asked: ${problem}`;
  if (pid !== undefined) return `runs, process ${pid}${ended}`;
  if (!isInstalled) return 'is not installed: npx homing relay install';
  if (!isLoaded) return 'is installed, but not loaded: npx homing relay install';
  return `is installed, but does not run${ended}: npx homing relay doctor`;
}

function pairingSentence(pairing: StoredPairing | undefined): string {
  if (pairing === undefined) return `not yet: ${PAIR_COMMAND}`;
  const { url, numbers, device, tokenIn, pairedAt } = pairing;
  const what = numbers.length > 0 ? ` for ${numbers.join(', ')}` : '';
  const as = device === null ? '' : ` as ${device}`;
  return `with ${url}${what}${as}, ${new Date(pairedAt).toISOString()}; token in the ${tokenIn}`;
}

function brokerSentence({ url, isReachable, problem }: BrokerState): string {
  if (isReachable) return `${url} answers`;
  return url === null ? 'none is known' : (problem ?? 'does not answer');
}
