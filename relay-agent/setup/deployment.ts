/**
 * Installs a version of the agent over another one.
 *
 *   stage → verify → activate → restart ─┬→ the agent is as well as before → delete the former version
 *                                        └→ otherwise → former version, former property list, restart → error
 *
 * An agent that was connected before must connect again; one that ran must run. An agent that did not run before proves
 * nothing: it may lack a permission.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { type AgentStatus, agentStatusAt } from './agent-socket.ts';
import type { Installation } from './installation.ts';
import type { LaunchAgent, ServiceDescription } from './launch-agent.ts';
import { lastLines } from './log-reader.ts';
import type { ProgramFiles } from './program-files.ts';
import { SetupError } from './setup-error.ts';
import type { BinaryResult } from './stable-binary.ts';

const UP_MAX_MS = 60_000;
const POLL_MS = 250;
/** The agent exits soon after its start if it cannot run; launchd restarts it only after 30 s. */
const EXITED_POLLS = 8;

export interface DeploymentOptions {
  installation: Installation;
  service: LaunchAgent;
  files: ProgramFiles;
  /** Path of Node to copy. */
  node: string;
  isNodeRenewed: boolean;
  /** Socket of the agent. */
  socket: string;
  logFile: string;
  /** @param program path of Node that launchd runs */
  describe(program: string): ServiceDescription;
  /** Monotonic clock, in milliseconds. */
  monotonicNow: () => number;
}

export interface Deployment {
  change: 'installed' | 'updated';
  /** Id of the former version; undefined: none, or not an installed copy. */
  before: string | undefined;
  binary: BinaryResult;
}

/** @throws SetupError after the former version is restored */
export async function deploy(options: DeploymentOptions): Promise<Deployment> {
  const { installation, service, files, node, isNodeRenewed, describe, socket } = options;
  const former = { id: installation.currentId(), plist: service.read(), status: await agentStatusAt(socket) };
  await installation.stage(files);
  const binary = await installation.binary.provide(node, { isRenewed: isNodeRenewed });
  try {
    await installation.verify(files.id, binary.program);
  } catch (error) {
    await installation.binary.rollback();
    throw error;
  }
  try {
    installation.activate(files.id);
    const change = await service.install(describe(binary.program));
    if (former.status !== undefined) await waitUntilUp(options, former.status);
    installation.prune();
    await installation.binary.commit();
    return { change, before: former.id, binary };
  } catch (error) {
    if (former.plist === undefined) throw error;
    await installation.binary.rollback();
    installation.activate(former.id);
    await service.restore(former.plist);
    installation.prune();
    const name = former.id === undefined ? 'The former version' : `The former version ${former.id}`;
    throw new SetupError(
      `The version ${files.id} was not installed: ${(error as Error).message} ${name} runs again.`,
    );
  }
}

/** @throws SetupError if the new agent does not reach the state of the former one. */
async function waitUntilUp(
  { files, service, socket, logFile, monotonicNow }: DeploymentOptions,
  former: AgentStatus,
): Promise<void> {
  const deadline = monotonicNow() + UP_MAX_MS;
  let exitedPolls = 0;
  while (monotonicNow() < deadline && exitedPolls < EXITED_POLLS) {
    const status = await agentStatusAt(socket);
    const isNew = status?.version === files.id && status.pid !== former.pid;
    if (isNew && (status.connected || !former.connected)) return;
    const { pid, lastExit } = await service.state();
    exitedPolls = pid === undefined && lastExit !== undefined ? exitedPolls + 1 : 0;
    await wait(POLL_MS);
  }
  const [line] = lastLines(logFile, 1);
  const problem = exitedPolls > 0 ? 'it exited' : `it did not connect within ${UP_MAX_MS / 1000} s`;
  throw new SetupError(`${problem}. Last log line: ${line ?? 'none'}.`);
}
