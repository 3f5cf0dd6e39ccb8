/** Checks the senders, and lists their capabilities. A missing capability is no failure; the detail names the next step. */
import { CAPABILITIES } from '../../shared/capabilities.ts';
import type { NamedState, Senders } from '../senders/ranked-senders.ts';
import { type Check, failed, passed, type Verdict } from './check.ts';

const NAMES = { imsg: 'imsg', bluebubbles: 'BlueBubbles', osascript: 'AppleScript' } as const;

export function sendersCheck(senders: Pick<Senders, 'probe' | 'states' | 'capabilities'>): Check {
  return {
    name: 'senders',
    async run() {
      await senders.probe();
      return verdictOn(senders.states(), senders.capabilities());
    },
  };
}

function verdictOn(states: readonly NamedState[], supported: readonly string[]): Verdict {
  const ready = states.filter(({ isReady }) => isReady);
  const gaps = states.flatMap((state) => state.gaps.map((gap) => ({ ...gap, name: NAMES[state.name] })));
  const steps = [...new Set(gaps.map(({ name, problem, fix }) => `${name}: ${problem} ${fix}`))];
  if (ready.length === 0) {
    return failed('No program on this Mac can send at the moment.', ...steps);
  }
  const lines = ready.map(
    ({ name, version, capabilities }) =>
      `${NAMES[name]}${version === undefined ? '' : ` ${version}`} (${listOf(capabilities)})`,
  );
  const missing = CAPABILITIES.filter((name) => !supported.includes(name));
  const detail = `Texts and files are sent through ${lines.join(', then ')}.`;
  if (missing.length === 0) return passed(`${detail} All capabilities are available.`);
  return passed(`${detail} Not available: ${listOf(missing)}. ${steps.join(' ')}`);
}

function listOf(names: readonly string[]): string {
  return names.length === 0
    ? 'texts and files only'
    : names.map((name) => name.replaceAll('_', ' ')).join(', ');
}
