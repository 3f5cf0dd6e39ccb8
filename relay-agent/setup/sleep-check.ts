/** Checks that the Mac does not go to sleep: a sleeping Mac neither sends nor receives. */
import { readPower } from '../health/power.ts';
import type { SystemPrograms } from '../health/system-programs.ts';
import { type Check, failed, passed, type Verdict } from './check.ts';
import type { RunProgram } from './run-program.ts';

export interface SleepContext {
  programs: SystemPrograms;
  run: RunProgram;
  /** The check runs in the agent, which prevents sleep unless `--keep-awake` is off. */
  isAgent: boolean;
}

export function sleepCheck(context: SleepContext): Check {
  return { name: 'sleep', run: () => sleep(context) };
}

async function sleep({ programs, run, isAgent }: SleepContext): Promise<Verdict> {
  const { sleepMinutes, isOnBattery } = await readPower(programs, run);
  if (sleepMinutes === undefined) return passed('The sleep setting of this Mac is unknown.');
  const power = isOnBattery ? ' It runs on battery, and a closed lid causes sleep.' : '';
  if (sleepMinutes === 0) return passed(`This Mac does not go to sleep by itself.${power}`);
  const detail = `This Mac goes to sleep after ${sleepMinutes} minutes without activity`;
  if (!isAgent) return passed(`${detail}. The installed agent prevents this.`);
  return failed(
    `${detail}, so messages wait.`,
    'Let the agent prevent sleep: npx homing relay install --keep-awake on.',
    'Or change the setting: System Settings → Energy (on a laptop: Battery → Options) → Prevent automatic sleeping when the display is off.',
  );
}
