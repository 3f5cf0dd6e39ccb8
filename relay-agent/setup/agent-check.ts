/** Whether the agent is installed and runs, and its last words where it does not. */
import { type Check, well, wrong } from './check.ts';
import type { LaunchAgent } from './launch-agent.ts';
import { lastLines } from './log-reader.ts';
import { fullDiskAccessSteps, type PermissionHolder } from './permissions.ts';

export interface AgentContext {
  service: LaunchAgent;
  logFile: string;
  errorFile: string;
  caller: PermissionHolder;
}

export function agentCheck({ service, logFile, errorFile, caller }: AgentContext): Check {
  return {
    name: 'agent',
    async look() {
      const { isInstalled, isLoaded, pid, lastExit, problem } = await service.state();
      if (problem !== undefined) {
        return wrong(`launchd can't be asked: ${problem}.`, 'Look whether HOMING_RELAY_LAUNCHCTL is right.');
      }
      if (!isInstalled) {
        return wrong(
          'The agent is not installed, so it does not start at login.',
          'Install it: npx homing relay install (or run it here: npx homing relay run).',
        );
      }
      if (!isLoaded) {
        return wrong(
          'The agent is installed, but launchd has not loaded it.',
          'Install it again, which starts it: npx homing relay install.',
        );
      }
      if (pid !== undefined) return well(`The agent is installed and runs (process ${pid}).`);
      const [lastWords] = [...lastLines(logFile, 1), ...lastLines(errorFile, 1)];
      const said = lastWords === undefined ? '' : ` Its last words: ${lastWords}`;
      const detail = `The agent is installed, but does not run; it ended with ${lastExit ?? 'nothing yet'}.${said}`;
      if (lastWords?.includes('Full Disk Access')) {
        const program = service.program() ?? caller.program;
        return wrong(detail, ...fullDiskAccessSteps({ program, terminal: undefined }));
      }
      return wrong(
        detail,
        'Read its log: npx homing relay logs.',
        'Once the reason is gone launchd starts it again within 30 s; at once: npx homing relay install.',
      );
    },
  };
}
