/** Says in one line each what keeps messages from arriving, or that nothing does. */
import { Anchor } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { Overview } from '../api/types.ts';
import { useEnvironment } from '../shell/environment.tsx';
import { countOf } from '../ui/count-of.ts';
import { Status, type StatusKind } from '../ui/status.tsx';
import { formatAge, useNow } from '../ui/time.tsx';
import { viewPath } from '../ui/view-path.ts';
import styles from './overview.module.css';

/** A message that waits longer, without a reason such as quiet hours, is a problem. */
const LONG_MS = 5 * 60_000;

interface Problem {
  kind: StatusKind;
  text: string;
  link: ReactNode;
}

export function Verdict({ overview }: { overview: Overview }) {
  const environment = useEnvironment();
  const now = useNow();
  const problems = problemsOf(overview, environment === 'live', now);
  return (
    <ul className={styles.verdict} aria-label="State">
      {problems.length === 0 ? (
        <li>
          <Status kind="good">Everything works.</Status>
        </li>
      ) : (
        problems.map(({ kind, text, link }) => (
          <li key={text}>
            <Status kind={kind}>{text}</Status> {link}
          </li>
        ))
      )}
    </ul>
  );
}

function problemsOf(
  { devices, queue, webhooks, checklist }: Overview,
  isLive: boolean,
  now: number,
): Problem[] {
  const problems: Problem[] = [];
  const link = (path: string, text: string) => (
    <Anchor component={Link} href={viewPath(path)}>
      {text}
    </Anchor>
  );
  const offline = devices.total - devices.online;
  if (isLive && !checklist.deviceIsPaired) {
    const text = 'No device is paired, so nothing can be sent.';
    problems.push({ kind: 'warning', text, link: link('/devices?pair=1', 'Pair a device') });
  } else if (offline > 0) {
    const isAll = devices.online === 0;
    const text = isAll ? 'No device is online: messages wait.' : `${countOf(offline, 'device')} offline.`;
    problems.push({ kind: isAll ? 'bad' : 'warning', text, link: link('/devices', 'Show devices') });
  }
  if (queue.waiting > queue.deferred && queue.oldestAt !== null && now - queue.oldestAt > LONG_MS) {
    const text = `The oldest message has been waiting for ${formatAge(queue.oldestAt, now)}.`;
    problems.push({ kind: 'waiting', text, link: link('/messages?status=queued', 'Show queued messages') });
  }
  if (webhooks.length > 0) {
    const text = `${countOf(webhooks.length, 'webhook')} with a problem.`;
    problems.push({ kind: 'warning', text, link: link('/developers/webhooks', 'Show webhooks') });
  }
  return problems;
}
