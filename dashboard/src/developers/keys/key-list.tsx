/** Lists the API keys with their last use, and creates and revokes them. */
import IconKey from 'icon:key';
import IconNew from 'icon:plus';
import { Button, Switch } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useSearchParams } from 'wouter';
import type { ApiKey, KeyList as Keys } from '../../api/types.ts';
import { useIsOwner } from '../../session/session.tsx';
import { useEnvironment, useTenantRequest } from '../../shell/environment.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Section } from '../../ui/page.tsx';
import { QueryView } from '../../ui/query-view.tsx';
import { Status } from '../../ui/status.tsx';
import { Time } from '../../ui/time.tsx';
import styles from '../developers.module.css';
import { NewKeyDialog } from './new-key-dialog.tsx';
import { permissionNames } from './permissions.ts';

export function KeyList() {
  const environment = useEnvironment();
  const send = useTenantRequest();
  const client = useQueryClient();
  const isOwner = useIsOwner();
  const [params, setParams] = useSearchParams();
  const [revoking, setRevoking] = useState<ApiKey>();
  const query = useQuery({
    queryKey: [environment, 'keys'],
    queryFn: ({ signal }) => send<Keys>('GET', '/keys', { signal }),
  });
  const refresh = () => client.invalidateQueries({ queryKey: [environment, 'keys'] });
  const showsRevoked = params.get('revoked') !== null;
  const newButton = isOwner && (
    <Button leftSection={<IconNew size={16} />} onClick={() => setParams({ new: '1' })}>
      Create key
    </Button>
  );
  return (
    <Section
      title="API keys"
      about={
        environment === 'test'
          ? 'A program sends this key with each request. Keys of the sandbox send nothing to real phones.'
          : 'A program sends this key with each request. Give each program its own key with the fewest permissions.'
      }
      actions={newButton}
    >
      <QueryView query={query}>
        {({ keys }) => {
          const shown = keys.filter(({ revokedAt }) => showsRevoked || revokedAt === null);
          const hasRevoked = keys.some(({ revokedAt }) => revokedAt !== null);
          return (
            <>
              {shown.length === 0 ? (
                <EmptyState
                  icon={<IconKey size={20} color="var(--gray)" />}
                  title="No key yet"
                  action={newButton}
                >
                  Create a key to send messages from your own program.
                </EmptyState>
              ) : (
                <DataTable
                  label="API keys"
                  columns={columns(isOwner ? setRevoking : undefined)}
                  rows={shown}
                  keyOf={({ id }) => id}
                  compact={(key) => (
                    <div className={styles.compact}>
                      <span className={styles.compactLine}>
                        <span className={styles.compactName}>{key.label}</span>
                        <KeyAction apiKey={key} revoke={isOwner ? setRevoking : undefined} />
                      </span>
                      <span className={styles.note}>
                        {permissionNames(key.permissions)} ·{' '}
                        {key.lastUsedAt === null ? 'never used' : <Time at={key.lastUsedAt} />}
                      </span>
                    </div>
                  )}
                />
              )}
              {hasRevoked && (
                <Switch
                  mt="md"
                  label="Show revoked keys"
                  checked={showsRevoked}
                  onChange={() => setParams(showsRevoked ? {} : { revoked: '1' }, { replace: true })}
                />
              )}
            </>
          );
        }}
      </QueryView>
      {params.get('new') !== null && isOwner && (
        <NewKeyDialog onCreated={refresh} onClose={() => setParams({}, { replace: true })} />
      )}
      {revoking !== undefined && (
        <Confirm
          title={`Revoke ${revoking.label}?`}
          action="Revoke key"
          onClose={() => setRevoking(undefined)}
          run={() => send('POST', `/keys/${revoking.id}/revoke`).then(refresh)}
        >
          Requests with this key fail immediately, and it can never be used again. Messages that it queued are
          still sent.
        </Confirm>
      )}
    </Section>
  );
}

function columns(revoke: ((key: ApiKey) => void) | undefined): Column<ApiKey>[] {
  return [
    { name: 'Label', cell: ({ label }) => <span className={styles.name}>{label}</span> },
    { name: 'Permissions', cell: ({ permissions }) => permissionNames(permissions) },
    {
      name: 'Last use',
      width: '150px',
      cell: ({ lastUsedAt }) =>
        lastUsedAt === null ? <Status kind="neutral">Never</Status> : <Time at={lastUsedAt} />,
    },
    { name: 'Created', width: '110px', cell: ({ createdAt }) => <Time at={createdAt} /> },
    {
      name: 'Actions',
      isNameHidden: true,
      width: '110px',
      align: 'end',
      cell: (key) => <KeyAction apiKey={key} revoke={revoke} />,
    },
  ];
}

function KeyAction({ apiKey, revoke }: { apiKey: ApiKey; revoke: ((key: ApiKey) => void) | undefined }) {
  if (apiKey.revokedAt !== null) return <Status kind="neutral">Revoked</Status>;
  if (revoke === undefined) return null;
  return (
    <Button
      variant="subtle"
      color="red"
      size="compact-sm"
      aria-label={`Revoke ${apiKey.label}`}
      onClick={() => revoke(apiKey)}
    >
      Revoke
    </Button>
  );
}
