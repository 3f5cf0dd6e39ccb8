/** Checks that the agent is installed and running; a failed check includes the last line of its log. */
import { type Check, failed, passed } from './check.ts';
import type { LaunchAgent } from './launch-agent.ts';
import { lastLines } from './log-reader.ts';
import { fullDiskAccessSteps, type PermissionHolder } from './permissions.ts';

export interface AgentContext {
  service: LaunchAgent;
  logFile: string;
  errorFile: string;
  holder: PermissionHolder;
}

export function agentCheck({ service, logFile, errorFile, holder }: AgentContext): Check {
  return {
    name: 'agent',
    async run() {
      const { isInstalled, isLoaded, pid, lastExit, problem } = await service.state();
      if (problem !== undefined) {
        return failed(`Cannot query launchd: ${problem}.`, 'Check the path in HOMING_RELAY_LAUNCHCTL.');
      }
      if (!isInstalled) {
        return failed(
          'The agent is not installed. It does not start at login.',
          'Install it: npx homing relay install (or run it in this terminal: npx homing relay run).',
        );
      }
      if (!isLoaded) {
        return failed(
          'The agent is installed, but launchd has not loaded it.',
          'Install it again to start it: npx homing relay install.',
        );
      }
      if (pid !== undefined) return passed(`The agent is installed and running (process ${pid}).`);
      const [lastLine] = [...lastLines(logFile, 1), ...lastLines(errorFile, 1)];
      const logged = lastLine === undefined ? '' : ` Last log line: ${lastLine}`;
      const exit = lastExit === undefined ? 'It has not exited yet' : `It exited with ${lastExit}`;
      const detail = `The agent is installed, but not running. ${exit}.${logged}`;
      if (lastLine?.includes('Full Disk Access')) {
        const program = service.program() ?? holder.program;
        return failed(detail, ...fullDiskAccessSteps({ program, terminal: undefined }));
      }
      return failed(
        detail,
        'Read its log: npx homing relay logs.',
        'Fix the problem. launchd then restarts the agent within 30 s; to restart it now: npx homing relay install.',
      );
    },
  };
}
