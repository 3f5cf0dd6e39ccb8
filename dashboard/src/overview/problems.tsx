/** Lists the failures by reason and the webhooks with problems. */
import { Anchor } from '@mantine/core';
import { Link } from 'wouter';
import type { Overview, Webhook } from '../api/types.ts';
import { type Column, DataTable } from '../ui/data-table.tsx';
import { Section } from '../ui/page.tsx';
import { Status } from '../ui/status.tsx';
import { viewPath } from '../ui/view-path.ts';

type Failure = Overview['failures'][number];

const DAYS: Record<Overview['range'], number> = { '24h': 1, '7d': 7, '30d': 30 };

const FAILURE_COLUMNS: ReadonlyArray<Column<Failure>> = [
  { name: 'Reason', cell: ({ message }) => message },
  { name: 'Code', width: '200px', cell: ({ code }) => <code>{code}</code> },
  { name: 'Messages', width: '100px', align: 'end', cell: ({ count }) => count.toLocaleString() },
];

export function Failures({ overview: { failures, range } }: { overview: Overview }) {
  if (failures.length === 0) return null;
  return (
    <Section
      title="Why messages failed"
      actions={
        <Anchor component={Link} href={viewPath(`/messages?status=failed&days=${DAYS[range]}`)}>
          Show failed messages
        </Anchor>
      }
    >
      <DataTable
        label="Failures by reason"
        columns={FAILURE_COLUMNS}
        rows={failures}
        keyOf={({ code }) => code}
      />
    </Section>
  );
}

const WEBHOOK_COLUMNS: ReadonlyArray<Column<Webhook>> = [
  {
    name: 'URL',
    cell: ({ id, url }) => (
      <Anchor component={Link} href={viewPath(`/developers/webhooks/${id}`)}>
        {url}
      </Anchor>
    ),
  },
  {
    name: 'State',
    width: '120px',
    cell: ({ problem }) =>
      problem?.code === 'disabled' ? (
        <Status kind="bad">Disabled</Status>
      ) : (
        <Status kind="warning">Failing</Status>
      ),
  },
  { name: 'Problem', cell: ({ problem }) => problem?.message },
];

export function WebhookProblems({ webhooks }: { webhooks: readonly Webhook[] }) {
  if (webhooks.length === 0) return null;
  return (
    <Section title="Webhooks with problems">
      <DataTable
        label="Webhooks with problems"
        columns={WEBHOOK_COLUMNS}
        rows={webhooks}
        keyOf={({ id }) => id}
      />
    </Section>
  );
}
