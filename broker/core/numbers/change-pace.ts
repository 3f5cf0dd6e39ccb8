/** Gives a number a pace of its own. */
import { invalidRequest } from '../model/errors.ts';
import type { Pace, PaceOverrides } from '../model/pace.ts';
import type { Queries } from '../ports/store.ts';

/** null takes a setting back to the broker's default; what is left out stays as it is. */
export type PaceChange = { [Name in keyof Pace]?: Pace[Name] | null | undefined };

export async function changePace(
  tx: Queries,
  numberId: string,
  change: PaceChange,
  now: number,
): Promise<void> {
  const number = await tx.numbers.paced(numberId);
  const pace: Record<string, unknown> = { ...number?.pace };
  for (const [name, value] of Object.entries(change)) {
    if (value === null) delete pace[name];
    else if (value !== undefined) pace[name] = value;
  }
  const { quietHours, weeklyWindows } = pace as PaceOverrides;
  for (const [name, spans] of [
    ['pace.quiet_hours', quietHours == null ? [] : [quietHours]],
    ['pace.weekly_windows', weeklyWindows ?? []],
  ] as const) {
    if (spans.some(({ from, to }) => from === to)) {
      throw invalidRequest(`'${name}' must not end when it begins.`, name);
    }
  }
  await tx.numbers.setPace(numberId, pace);
  // What waits for its slot is told anew when it may go.
  await tx.pace.dropReserved(numberId, now);
  await tx.messages.reconsiderDeferred(numberId, undefined, now);
}
