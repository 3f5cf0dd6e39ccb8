/** Computes and formats metrics: percentiles, medians of the rounds with their range, and goals. */
export interface Metric {
  row: string;
  name: string;
  unit: string;
  /** One value per round. */
  rounds: number[];
  median: number;
  goal?: Goal;
  isReached?: boolean;
}

export interface Goal {
  atLeast?: number;
  atMost?: number;
}

export function metric(row: string, name: string, unit: string, rounds: number[], goal?: Goal): Metric {
  const middle = median(rounds);
  if (goal === undefined) return { row, name, unit, rounds, median: middle };
  const isReached = middle >= (goal.atLeast ?? -Infinity) && middle <= (goal.atMost ?? Infinity);
  return { row, name, unit, rounds, median: middle, goal, isReached };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  const [lower = Number.NaN, upper = Number.NaN] = sorted.slice(half - 1, half + 1);
  if (sorted.length === 1) return lower;
  return sorted.length % 2 === 1 ? upper : (lower + upper) / 2;
}

/** Returns the percentile of unsorted values; `share` is from 0 to 1. */
export function percentile(values: Iterable<number>, share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** Divides round by round, so that a slow minute of the machine affects both sides. */
export function ratios(ours: readonly number[], theirs: readonly number[]): number[] {
  return ours.map((value, round) => value / (theirs[round] ?? Number.NaN));
}

const HEADER = ['ROW', 'METRIC', 'MEDIAN', 'UNIT', 'MIN–MAX', 'GOAL', ''];

export function formatTable(metrics: readonly Metric[]): string {
  const lines = [HEADER];
  for (const { row, name, unit, rounds, median, goal, isReached } of metrics) {
    const range = rounds.length < 2 ? '' : `${short(Math.min(...rounds))}–${short(Math.max(...rounds))}`;
    const verdict = isReached === undefined ? '' : isReached ? 'ok' : 'missed';
    lines.push([row, name, short(median), unit, range, goalText(goal), verdict]);
  }
  const widths = HEADER.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
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
