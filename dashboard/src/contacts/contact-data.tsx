/** Downloads, deletes and erases what the broker stores about a contact. */
import IconExport from 'icon:download';
import { Button, Stack } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useLocation } from 'wouter';
import { API, pathWith } from '../api/request.ts';
import type { ContactDetail, ErasureResult } from '../api/types.ts';
import { useIsOwner } from '../session/session.tsx';
import { useEnvironment, useTenantRequest } from '../shell/environment.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { formatHandle } from '../ui/format-handle.ts';
import { showDone, showProblem } from '../ui/toasts.tsx';
import styles from './contacts.module.css';

interface Props {
  contact: ContactDetail;
  /** Stops loading the contact while it is deleted: it would not be found before the page closes. */
  onLeaving(isLeaving: boolean): void;
}

export function ContactData({ contact, onLeaving }: Props) {
  const { id, handle, name, email, customFields } = contact;
  const environment = useEnvironment();
  const send = useTenantRequest();
  const client = useQueryClient();
  const isOwner = useIsOwner();
  const [, navigate] = useLocation();
  const [isErasing, setErasing] = useState(false);
  const title = name ?? formatHandle(handle);
  const refresh = () => client.invalidateQueries({ queryKey: [environment, 'contacts'] });
  const restore = () =>
    send('POST', '/contacts', { body: { handle, name, email, customFields } })
      .then(refresh)
      .catch(showProblem);
  const remove = async () => {
    onLeaving(true);
    try {
      await send('DELETE', `/contacts/${id}`);
      navigate('/');
      showDone(`${title} is deleted. The messages stay.`, () => void restore());
      await refresh();
    } catch (error) {
      onLeaving(false);
      showProblem(error);
    }
  };
  const erase = async () => {
    onLeaving(true);
    const { isDone } = await send<ErasureResult>('POST', '/erasures', { body: { handle } }).catch((error) => {
      onLeaving(false);
      throw error;
    });
    navigate('/');
    showDone(isDone ? `The data of ${title} is erased.` : `The data of ${title} is being erased.`);
    await refresh();
  };
  return (
    <Stack gap="md">
      <Choice about="The contact, the opt-out and all messages, as a JSON file.">
        <Button
          component="a"
          href={pathWith(`${API}/${environment}/contact-data`, { handle })}
          download
          variant="default"
          leftSection={<IconExport size={16} />}
        >
          Download everything
        </Button>
      </Choice>
      <Choice about="Deletes the name and the fields. The messages stay.">
        <Button variant="default" onClick={() => void remove()}>
          Delete contact
        </Button>
      </Choice>
      {isOwner && (
        <Choice about="Also deletes all messages with this contact.">
          <Button variant="light" color="red" onClick={() => setErasing(true)}>
            Erase all data
          </Button>
        </Choice>
      )}
      {isErasing && (
        <Confirm
          title={`Erase the data of ${title}?`}
          action="Erase all data"
          typed={handle}
          onClose={() => setErasing(false)}
          run={erase}
        >
          The contact, its messages with their attachments and its events are erased and cannot be restored.
          An opt-out stays, so that nothing is sent by mistake. Backups and copies on your iPhone or Mac are
          not changed.
        </Confirm>
      )}
    </Stack>
  );
}

function Choice({ about, children }: { about: string; children: ReactNode }) {
  return (
    <Stack gap="xs" align="flex-start">
      {children}
      <p className={styles.meta}>{about}</p>
    </Stack>
  );
}
