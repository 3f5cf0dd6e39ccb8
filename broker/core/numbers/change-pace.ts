/** Changes the pace settings of a number. */
import { reconsiderDeferred } from '../dispatch/reconsider-deferred.ts';
import { invalidRequest } from '../model/errors.ts';
import type { EventContext } from '../model/event.ts';
import type { Pace, PaceOverrides } from '../model/pace.ts';
import type { Queries } from '../ports/store.ts';

/** null resets a setting to the broker's default; an omitted setting stays unchanged. */
export type PaceChange = { [Name in keyof Pace]?: Pace[Name] | null | undefined };

export async function changePace(
  tx: Queries,
  numberId: string,
  change: PaceChange,
  context: EventContext,
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
      throw invalidRequest(`'${name}' must not start and end at the same time.`, name);
    }
  }
  await tx.numbers.setPace(numberId, pace);
  // The rate limiter assigns new slots by the new settings.
  await reconsiderDeferred(tx, numberId, context);
}
