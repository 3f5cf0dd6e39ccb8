/** Shows a progress bar on standard error, which is a terminal. */
import { Presets, SingleBar } from 'cli-progress';

export interface ProgressBar {
  show(done: number): void;
  end(): void;
}

/** `label` precedes the bar. */
export function startProgressBar(label: string, total: number): ProgressBar {
  const format = `${label} {bar} {percentage} %  {value} of {total}, {eta_formatted} left`;
  const bar = new SingleBar({ format, stream: process.stderr, hideCursor: true }, Presets.shades_classic);
  bar.start(total, 0);
  return { show: (done) => bar.update(done), end: () => bar.stop() };
}
