/** Shows the numbers of the period, and of the queue and the devices now. */
import type { ReactNode } from 'react';
import type { Overview } from '../api/types.ts';
import { useEnvironment } from '../shell/environment.tsx';
import { formatDuration } from '../ui/format-duration.ts';
import { formatAge, useNow } from '../ui/time.tsx';
import styles from './overview.module.css';

export function Figures({ overview: { devices, queue, totals } }: { overview: Overview }) {
  const environment = useEnvironment();
  const now = useNow();
  const outcomes = totals.delivered + totals.failed;
  return (
    <dl className={styles.figures}>
      {environment === 'live' && (
        <Figure name="Devices online" value={devices.online.toLocaleString()} note={`of ${devices.total}`} />
      )}
      <Figure
        name="In the queue"
        value={queue.waiting.toLocaleString()}
        note={
          queue.oldestAt === null
            ? 'nothing waits'
            : `oldest: ${formatAge(queue.oldestAt, now)}${queue.deferred > 0 ? `, ${queue.deferred.toLocaleString()} for later` : ''}`
        }
      />
      <Figure name="Sent" value={totals.sent.toLocaleString()} />
      <Figure
        name="Delivered"
        value={totals.delivered.toLocaleString()}
        note={outcomes === 0 ? undefined : `${percent(totals.delivered / outcomes)} of the results`}
      />
      <Figure name="Failed" value={totals.failed.toLocaleString()} />
      <Figure name="Received" value={totals.received.toLocaleString()} />
      <Figure
        name="Time to delivery"
        value={totals.p50Ms === null ? '—' : formatDuration(totals.p50Ms)}
        note={
          totals.p99Ms === null
            ? 'nothing delivered'
            : `half are faster; 99 % within ${formatDuration(totals.p99Ms)}`
        }
      />
    </dl>
  );
}

function percent(share: number): string {
  // 99.97 % is not 100 %.
  return `${(Math.floor(share * 1_000) / 10).toLocaleString()} %`;
}

function Figure({ name, value, note }: { name: string; value: string; note?: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <b>{value}</b>
        {note !== undefined && <span>{note}</span>}
      </dd>
    </div>
  );
}
