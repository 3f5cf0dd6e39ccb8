/** Lists the webhooks with their state, and adds one. */
import IconNew from 'icon:plus';
import IconWebhook from 'icon:webhook';
import { Button } from '@mantine/core';
import { Link, useLocation, useSearchParams } from 'wouter';
import type { Webhook } from '../../api/types.ts';
import { useIsOwner } from '../../session/session.tsx';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { formatHandle } from '../../ui/format-handle.ts';
import { Section } from '../../ui/page.tsx';
import { QueryView } from '../../ui/query-view.tsx';
import { Time } from '../../ui/time.tsx';
import styles from '../developers.module.css';
import { NewWebhookDialog } from './new-webhook-dialog.tsx';
import { useWebhooks } from './use-webhooks.ts';
import { WebhookState } from './webhook-state.tsx';

const APIS: Record<Webhook['dialect'], string> = {
  'texting-blue': 'Texting Blue',
  textree: 'Textree',
  textus: 'TextUs',
  inkbox: 'Inkbox',
};

const COLUMNS: ReadonlyArray<Column<Webhook>> = [
  {
    name: 'URL',
    cell: ({ id, url }) => (
      <Link href={`/webhooks/${id}`} className={styles.url}>
        {url}
      </Link>
    ),
  },
  { name: 'State', width: '120px', cell: (webhook) => <WebhookState webhook={webhook} /> },
  { name: 'Events', cell: ({ events }) => events.join(', ') },
  {
    name: 'Number',
    width: '160px',
    cell: ({ phoneNumber }) => (phoneNumber === null ? 'All' : formatHandle(phoneNumber)),
  },
  { name: 'Format', width: '120px', cell: ({ dialect }) => APIS[dialect] },
  { name: 'Created', width: '100px', cell: ({ createdAt }) => <Time at={createdAt} /> },
];

function CompactWebhook({ webhook }: { webhook: Webhook }) {
  const { id, url, events } = webhook;
  return (
    <Link href={`/webhooks/${id}`} className={styles.compact}>
      <span className={styles.compactLine}>
        <span className={styles.compactName}>{url}</span>
        <WebhookState webhook={webhook} />
      </span>
      <span className={styles.note}>{events.join(', ')}</span>
    </Link>
  );
}

export function WebhookList() {
  const isOwner = useIsOwner();
  const query = useWebhooks();
  const [, navigate] = useLocation();
  const [params, setParams] = useSearchParams();
  const newButton = isOwner && (
    <Button leftSection={<IconNew size={16} />} onClick={() => setParams({ new: '1' })}>
      Add webhook
    </Button>
  );
  return (
    <Section
      title="Webhooks"
      about="The broker sends events, such as received messages, to the URL of your program as they happen."
      actions={newButton}
    >
      <QueryView query={query}>
        {({ webhooks, events }) => (
          <>
            {webhooks.length === 0 ? (
              <EmptyState
                icon={<IconWebhook size={20} color="var(--gray)" />}
                title="No webhook yet"
                action={newButton}
              >
                Add a webhook so that your program receives messages as they arrive.
              </EmptyState>
            ) : (
              <DataTable
                label="Webhooks"
                columns={COLUMNS}
                rows={webhooks}
                keyOf={({ id }) => id}
                onOpen={({ id }) => navigate(`/webhooks/${id}`)}
                compact={(webhook) => <CompactWebhook webhook={webhook} />}
              />
            )}
            {params.get('new') !== null && isOwner && (
              <NewWebhookDialog
                types={events['texting-blue'] ?? []}
                onClose={() => setParams({}, { replace: true })}
                onOpen={(id) => navigate(`/webhooks/${id}`)}
              />
            )}
          </>
        )}
      </QueryView>
    </Section>
  );
}
