/** Shows whether a contact opted out and how, and changes it. */
import { Switch } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ContactDetail } from '../api/types.ts';
import { useCanWrite } from '../session/session.tsx';
import { useEnvironment, useTenantRequest } from '../shell/environment.tsx';
import { Status } from '../ui/status.tsx';
import { Time } from '../ui/time.tsx';
import { showDone, showProblem } from '../ui/toasts.tsx';
import styles from './contacts.module.css';
import { originText } from './opt-out-origin.ts';
import { RemoveOptOut } from './remove-opt-out.tsx';

export function OptOutState({ contact: { handle, optOut } }: { contact: ContactDetail }) {
  const canWrite = useCanWrite();
  const environment = useEnvironment();
  const send = useTenantRequest();
  const client = useQueryClient();
  const [isRemoving, setRemoving] = useState(false);
  const add = useMutation({
    mutationFn: () => send('POST', '/opt-outs', { body: { handle } }),
    onSuccess: () => {
      showDone('The contact gets no more messages.');
      void client.invalidateQueries({ queryKey: [environment, 'opt-outs'] });
      return client.invalidateQueries({ queryKey: [environment, 'contacts'] });
    },
    onError: showProblem,
  });
  return (
    <>
      {canWrite ? (
        <Switch
          label="Opted out"
          description="Nothing is sent to this contact. Messages that are still queued are cancelled."
          checked={optOut !== null}
          disabled={add.isPending}
          onChange={() => (optOut === null ? add.mutate() : setRemoving(true))}
        />
      ) : (
        optOut === null && <p className={styles.meta}>The contact gets messages.</p>
      )}
      {optOut !== null && (
        <p className={styles.origin}>
          <Status kind="bad">{originText(optOut)}</Status>
          <span className={styles.meta}>
            <Time at={optOut.createdAt} form="exact" />
          </span>
        </p>
      )}
      {isRemoving && optOut !== null && <RemoveOptOut optOut={optOut} onClose={() => setRemoving(false)} />}
    </>
  );
}
