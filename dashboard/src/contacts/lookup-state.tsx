/** Says whether a contact is on iMessage. The broker remembers a result for a day. */
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Lookup } from '../api/types.ts';
import { useCanWrite } from '../session/session.tsx';
import { useEnvironment, useTenantRequest } from '../shell/environment.tsx';
import { Problem } from '../ui/problem.tsx';
import { Status } from '../ui/status.tsx';
import { Time } from '../ui/time.tsx';
import styles from './contacts.module.css';

export function LookupState({ handle }: { handle: string }) {
  const environment = useEnvironment();
  const send = useTenantRequest();
  const canWrite = useCanWrite();
  const [isAsked, setAsked] = useState(false);
  const query = useQuery({
    queryKey: [environment, 'lookup', handle],
    queryFn: ({ signal }) => send<Lookup>('GET', '/lookup', { query: { handle }, signal }),
    enabled: isAsked,
    retry: false,
  });
  if (query.data !== undefined) return <Result lookup={query.data} />;
  if (!canWrite) return <p className={styles.meta}>A member can ask a device for it.</p>;
  return (
    <>
      <Problem error={query.error} />
      <Button
        variant="default"
        loading={query.isFetching}
        onClick={() => (isAsked ? void query.refetch() : setAsked(true))}
      >
        Check for iMessage
      </Button>
    </>
  );
}

function Result({ lookup: { service, source, checkedAt } }: { lookup: Lookup }) {
  if (service === 'unknown') {
    return (
      <p className={styles.meta}>
        Not known: there is no message with this contact, and no connected device can check it.
      </p>
    );
  }
  return (
    <p className={styles.origin}>
      {service === 'imessage' ? (
        <Status kind="good">On iMessage</Status>
      ) : (
        <Status kind="neutral">Not on iMessage: messages are sent as SMS</Status>
      )}
      <span className={styles.meta}>
        {source === 'history' ? 'By your latest messages' : 'By a device'},{' '}
        <Time at={checkedAt} form="exact" />
      </span>
    </p>
  );
}
