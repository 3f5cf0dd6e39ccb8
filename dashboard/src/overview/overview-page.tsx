/** Shows whether everything works: devices, queue, results over time and problems; and the steps of the first run. */
import { SegmentedControl } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { useSearchParams } from 'wouter';
import type { Overview } from '../api/types.ts';
import { useIsOwner } from '../session/session.tsx';
import { Page } from '../ui/page.tsx';
import { QueryView } from '../ui/query-view.tsx';
import { Checklist } from './checklist.tsx';
import { Figures } from './figures.tsx';
import styles from './overview.module.css';
import { Failures, WebhookProblems } from './problems.tsx';
import { isChecklistDone, RANGES, useOverview } from './use-overview.ts';
import { Verdict } from './verdict.tsx';

// The library for plots is larger than the rest of the view, so the numbers come first.
const Plots = lazy(() => import('./plots.tsx'));

const NAMES: Record<Overview['range'], string> = { '24h': '24 hours', '7d': '7 days', '30d': '30 days' };

export default function OverviewPage() {
  const isOwner = useIsOwner();
  const [params, setParams] = useSearchParams();
  const range = RANGES.find((one) => one === params.get('range')) ?? '24h';
  const query = useOverview(range);
  return (
    <Page
      title="Overview"
      actions={
        <SegmentedControl
          withItemsBorders={false}
          aria-label="Period"
          data={RANGES.map((value) => ({ value, label: NAMES[value] }))}
          value={range}
          onChange={(value) => setParams(value === '24h' ? {} : { range: value }, { replace: true })}
        />
      }
    >
      <QueryView query={query}>
        {(overview) => (
          <>
            {isOwner && !isChecklistDone(overview) && <Checklist checklist={overview.checklist} />}
            <Verdict overview={overview} />
            <Figures overview={overview} />
            {hasResults(overview) ? (
              <Suspense fallback={<div className={styles.plots} aria-busy="true" />}>
                <Plots overview={overview} />
              </Suspense>
            ) : (
              <p className={styles.noResults}>No messages in this period.</p>
            )}
            <Failures overview={overview} />
            <WebhookProblems webhooks={overview.webhooks} />
          </>
        )}
      </QueryView>
    </Page>
  );
}

function hasResults({ totals: { sent, delivered, failed } }: Overview): boolean {
  return sent + delivered + failed > 0;
}
