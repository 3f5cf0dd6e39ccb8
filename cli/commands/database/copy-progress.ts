/** Shows the progress of a copy on standard error: a bar on a terminal, otherwise one line for each table. */
import type { CopyEvents } from '../../../broker/store/copy/copy-database.ts';
import { type ProgressBar, startProgressBar } from '../../progress-bar.ts';
import { printNotice, printWait } from '../../terminal.ts';

const STEPS = { copy: 'Copying rows', index: 'Indexing texts', compare: 'Comparing rows' } as const;

export interface CopyProgress extends CopyEvents {
  end(): void;
}

/** `isQuiet`: shows only waits and continued copies. */
export function copyProgress({ isQuiet }: { isQuiet: boolean }): CopyProgress {
  const showsBar = !isQuiet && process.stderr.isTTY;
  let bar: ProgressBar | undefined;
  let done = 0;
  const end = () => {
    bar?.end();
    bar = undefined;
  };
  return {
    end,
    onWait: printWait,
    onContinue: (rows) => printNotice(`An interrupted copy continues after ${formatCount(rows)} rows.`),
    onStartAgain: () =>
      printNotice('The source has changed since the interrupted copy, so the copy starts again.'),
    onStep(step, rows) {
      end();
      done = 0;
      if (showsBar && rows > 0) bar = startProgressBar(STEPS[step], rows);
      else if (!isQuiet && !showsBar && step === 'compare')
        printNotice('Comparing the checksums of all tables…');
    },
    onRows(count) {
      done += count;
      bar?.show(done);
    },
    onTable(table, rows) {
      if (!isQuiet && !showsBar) printNotice(`${table}: copied ${formatCount(rows)} rows`);
    },
  };
}

const formatCount = (count: number) => count.toLocaleString('en-US');
