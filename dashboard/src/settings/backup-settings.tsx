/** Writes backups, shows the progress, downloads and deletes them. */
import IconDownload from 'icon:download';
import IconDelete from 'icon:trash';
import { ActionIcon, Anchor, Button, Progress, Stack, Text, Tooltip } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { API, BASE, request } from '../api/request.ts';
import type { Backups } from '../api/types.ts';
import { CodeLine } from '../ui/code.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { DataTable } from '../ui/data-table.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { formatBytes } from '../ui/format-bytes.ts';
import { Page } from '../ui/page.tsx';
import { Problem } from '../ui/problem.tsx';
import { QueryView } from '../ui/query-view.tsx';
import { Time } from '../ui/time.tsx';
import { useAccount } from './account.ts';
import styles from './settings.module.css';

const KEY = ['backups'];
const POLL_MS = 1_000;

export function BackupSettings() {
  const account = useAccount();
  return (
    <QueryView query={account}>
      {({ hasBackups, backupCommand }) => {
        if (hasBackups) return <BackupPage />;
        return (
          <Page title="Backups">
            {backupCommand === null ? <SeveralAccounts /> : <OwnProgram command={backupCommand} />}
          </Page>
        );
      }}
    </QueryView>
  );
}

function SeveralAccounts() {
  return (
    <EmptyState title="This broker has several accounts">
      A backup contains all of them, so an administrator of the server writes it with{' '}
      <code>homing backup</code>.
    </EmptyState>
  );
}

function OwnProgram({ command }: { command: string }) {
  return (
    <EmptyState
      title="The database is PostgreSQL"
      action={<CodeLine text={command} label="Copy the command" />}
    >
      Back it up with its own program, which asks for the password.
    </EmptyState>
  );
}

function BackupPage() {
  const [deleted, setDeleted] = useState<string>();
  const client = useQueryClient();
  const query = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => request<Backups>('GET', '/backups', { signal }),
    refetchInterval: ({ state }) => (state.data?.running == null ? false : POLL_MS),
  });
  const refresh = () => client.invalidateQueries({ queryKey: KEY });
  const start = useMutation({
    mutationFn: () => request<Backups>('POST', '/backups', { body: {} }),
    onSuccess: (state) => client.setQueryData(KEY, state),
  });
  const isRunning = query.data?.running != null;
  const startButton = (
    <Button loading={start.isPending} disabled={isRunning} onClick={() => start.mutate()}>
      Back up now
    </Button>
  );
  return (
    <Page
      title="Backups"
      about={
        <>
          A backup contains the messages, attachments, contacts and settings. Store it in a safe place, on
          another disk.{' '}
          <Anchor inherit href={`${BASE}/docs/guides/operate`} target="_blank">
            How to restore one
          </Anchor>
        </>
      }
      actions={startButton}
    >
      <Stack gap="md" mt="md">
        <Problem
          error={start.error ?? (query.data?.problem == null ? null : new Error(query.data.problem))}
        />
        {query.data?.running != null && <Running {...query.data.running} />}
      </Stack>
      <QueryView query={query} rows={3}>
        {({ backups }) =>
          backups.length === 0 ? (
            !isRunning && (
              <EmptyState title="No backup yet">The broker keeps at most ten in its data folder.</EmptyState>
            )
          ) : (
            <BackupTable backups={backups} onDelete={setDeleted} />
          )
        }
      </QueryView>
      {deleted !== undefined && (
        <Confirm
          title="Delete this backup?"
          action="Delete backup"
          onClose={() => setDeleted(undefined)}
          run={() => request('DELETE', `/backups/${deleted}`).then(refresh)}
        >
          {deleted} is deleted from the disk of the broker. Copies that you downloaded stay.
        </Confirm>
      )}
    </Page>
  );
}

function Running({ name, percent }: NonNullable<Backups['running']>) {
  return (
    <div role="status">
      <Text size="sm" mb={4}>
        Writing {name}: {Math.round(percent)} %
      </Text>
      <Progress value={percent} size={6} aria-label="Progress of the backup" />
    </div>
  );
}

function BackupTable({ backups, onDelete }: { backups: Backups['backups']; onDelete(name: string): void }) {
  return (
    <DataTable
      label="Backups"
      rows={backups}
      keyOf={({ name }) => name}
      compact={({ name, bytes, createdAt }) => (
        <div className={styles.compact}>
          <div className={styles.itemText}>
            <Time at={createdAt} form="exact" />
            <div className={styles.meta}>
              {formatBytes(bytes)} · {name}
            </div>
          </div>
          <BackupActions name={name} onDelete={() => onDelete(name)} />
        </div>
      )}
      columns={[
        { name: 'File', cell: ({ name }) => <span className={styles.name}>{name}</span> },
        { name: 'Written', width: '240px', cell: ({ createdAt }) => <Time at={createdAt} form="exact" /> },
        { name: 'Size', width: '84px', cell: ({ bytes }) => formatBytes(bytes) },
        {
          name: 'Actions',
          isNameHidden: true,
          align: 'end',
          width: '84px',
          cell: ({ name }) => <BackupActions name={name} onDelete={() => onDelete(name)} />,
        },
      ]}
    />
  );
}

function BackupActions({ name, onDelete }: { name: string; onDelete(): void }) {
  return (
    <span className={styles.itemActions}>
      <Tooltip label="Download">
        <ActionIcon
          component="a"
          href={`${API}/backups/${encodeURIComponent(name)}`}
          download={name}
          aria-label={`Download ${name}`}
        >
          <IconDownload size={16} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label="Delete">
        <ActionIcon aria-label={`Delete ${name}`} onClick={onDelete}>
          <IconDelete size={16} />
        </ActionIcon>
      </Tooltip>
    </span>
  );
}
