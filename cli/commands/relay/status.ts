/** Implements `homing relay status`: shows the state of the agent, its pairing and its broker. */
import { resolve } from 'node:path';
import { Command } from 'commander';
import { type AgentStatus, agentStatusAt } from '../../../relay-agent/setup/agent-socket.ts';
import { probeHealth } from '../../../relay-agent/setup/broker-probe.ts';
import type { ServiceState } from '../../../relay-agent/setup/launch-agent.ts';
import type { StoredPairing } from '../../../relay-agent/setup/pairing-store.ts';
import { SetupError } from '../../../relay-agent/setup/setup-error.ts';
import { PAIR_COMMAND } from '../../../relay-agent/setup/setup-link.ts';
import { CommandError, type OutputOptions, printJson, printLine } from '../../terminal.ts';
import { addBrokerOptions, type BrokerOptions, knownBroker } from './broker-options.ts';
import {
  addLogOption,
  addServiceOptions,
  addStoreOptions,
  type LogOptions,
  type ServiceOptions,
  type StoreOptions,
  serviceOf,
  socketOf,
  storeOf,
} from './mac-options.ts';
import { relayAction } from './relay-action.ts';

interface StatusOptions extends OutputOptions, BrokerOptions, StoreOptions, ServiceOptions, LogOptions {}

interface BrokerState {
  url: string | null;
  isReachable: boolean;
  problem: string | null;
}

export function statusCommand(): Command {
  const command = new Command('status')
    .description(
      'Show whether the agent is installed, running and paired, and whether the broker is reachable.',
    )
    .option('--json', 'JSON output');
  for (const add of [addBrokerOptions, addStoreOptions, addServiceOptions, addLogOption]) add(command);
  return command.action(
    relayAction(async (options: StatusOptions) => {
      const service = serviceOf(options);
      const state = await service.state();
      const agent = await agentStatusAt(socketOf(options));
      const pairing = storeOf(options).read();
      const broker = await brokerState(options);
      if (options.json) {
        printJson({
          installed: state.isInstalled,
          plist: service.file,
          running: state.pid !== undefined,
          pid: state.pid ?? null,
          last_exit: state.lastExit ?? null,
          version: agent?.version ?? null,
          program: agent?.program ?? null,
          connected: agent?.connected ?? false,
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
      if (agent !== undefined) printLine(`Version ${versionSentence(agent)}`);
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
  const result = await probeHealth(url);
  if (result.kind === 'unreachable') return { url, isReachable: false, problem: result.problem };
  if (result.status === 200) return { url, isReachable: true, problem: null };
  return { url, isReachable: false, problem: `${url} returned status ${result.status}` };
}

function agentSentence({ isInstalled, isLoaded, pid, lastExit, problem }: ServiceState): string {
  const exit = lastExit === undefined ? '' : ` (last exit: ${lastExit})`;
  if (problem !== undefined) return `unknown, launchctl failed: ${problem}`;
  if (pid !== undefined) return `running, process ${pid}${exit}`;
  if (!isInstalled) return 'not installed; run npx homing relay install';
  if (!isLoaded) return 'installed, but not loaded; run npx homing relay install';
  return `installed, but not running${exit}; run npx homing relay doctor`;
}

function versionSentence({ version, node, program, connected }: AgentStatus): string {
  return `${version}, ${connected ? 'connected' : 'not connected'}; Node ${node}, ${program}`;
}

function pairingSentence(pairing: StoredPairing | undefined): string {
  if (pairing === undefined) return `not paired; run ${PAIR_COMMAND}`;
  const { url, numbers, device, tokenIn, pairedAt } = pairing;
  const forNumbers = numbers.length > 0 ? ` for ${numbers.join(', ')}` : '';
  const asDevice = device === null ? '' : ` as ${device}`;
  return `with ${url}${forNumbers}${asDevice}, ${new Date(pairedAt).toISOString()}; token in the ${tokenIn}`;
}

function brokerSentence({ url, isReachable, problem }: BrokerState): string {
  if (isReachable) return `${url} is reachable`;
  return url === null ? 'unknown' : (problem ?? 'unreachable');
}
