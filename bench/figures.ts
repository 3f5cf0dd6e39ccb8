/** Numbers as the bench reports them: percentiles, medians of rounds with their spread, and goals. */
export interface Figure {
  row: string;
  what: string;
  unit: string;
  /** One value a round. */
  rounds: number[];
  median: number;
  goal?: Goal;
  isReached?: boolean;
}

export interface Goal {
  atLeast?: number;
  atMost?: number;
}

export function figure(row: string, what: string, unit: string, rounds: number[], goal?: Goal): Figure {
  const middle = median(rounds);
  if (goal === undefined) return { row, what, unit, rounds, median: middle };
  const isReached = middle >= (goal.atLeast ?? -Infinity) && middle <= (goal.atMost ?? Infinity);
  return { row, what, unit, rounds, median: middle, goal, isReached };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

/** `share` from 0 to 1; the values need not be sorted. */
export function percentile(values: Iterable<number>, share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** Round by round, so that a slow minute of the machine falls on both. */
export function ratios(ours: readonly number[], theirs: readonly number[]): number[] {
  return ours.map((value, round) => value / theirs[round]!);
}

export function formatTable(figures: readonly Figure[]): string {
  const lines = [['ROW', 'WHAT', 'MEDIAN', 'UNIT', 'LOWEST–HIGHEST', 'GOAL', '']];
  for (const { row, what, unit, rounds, median, goal, isReached } of figures) {
    const spread = rounds.length < 2 ? '' : `${short(Math.min(...rounds))}–${short(Math.max(...rounds))}`;
    const verdict = isReached === undefined ? '' : isReached ? 'ok' : 'missed';
    lines.push([row, what, short(median), unit, spread, goalText(goal), verdict]);
  }
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines
    .map((line) => line.map((cell, column) => cell.padEnd(widths[column]!)).join('  '))
    .map((line) => line.trimEnd())
    .join('\n');
}

function goalText(goal: Goal | undefined): string {
  if (goal?.atLeast !== undefined) return `≥ ${goal.atLeast}`;
  return goal?.atMost === undefined ? '' : `≤ ${goal.atMost}`;
}

function short(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en-US');
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
