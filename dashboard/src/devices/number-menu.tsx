/** Changes a number: label, pause, another device, deletion. */

import IconMore from 'icon:dots';
import { ActionIcon, Button, Menu, Modal, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { OwnNumber } from '../api/types.ts';
import { useEnvironment, useTenantRequest } from '../shell/environment.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { formatHandle } from '../ui/format-handle.ts';
import { Problem } from '../ui/problem.tsx';
import { showDone, showProblem } from '../ui/toasts.tsx';

export function NumberMenu({ number, onPair }: { number: OwnNumber; onPair(): void }) {
  const { id, phoneNumber, status } = number;
  const [open, setOpen] = useState<'label' | 'delete'>();
  const environment = useEnvironment();
  const send = useTenantRequest();
  const client = useQueryClient();
  const refresh = () => client.invalidateQueries({ queryKey: [environment, 'numbers'] });
  const setStatus = (next: 'active' | 'paused') =>
    send('PATCH', `/numbers/${id}`, { body: { status: next } }).then(refresh);
  const resume = () => void setStatus('active').catch(showProblem);
  const pause = () =>
    void setStatus('paused')
      .then(() => showDone(`${formatHandle(phoneNumber)} is paused. Its messages wait.`, resume))
      .catch(showProblem);
  const close = () => setOpen(undefined);
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon aria-label={`Menu of ${formatHandle(phoneNumber)}`}>
            <IconMore size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => setOpen('label')}>Change label</Menu.Item>
          {status === 'active' ? (
            <Menu.Item onClick={pause}>Pause sending</Menu.Item>
          ) : (
            <Menu.Item onClick={resume}>Resume sending</Menu.Item>
          )}
          {environment === 'live' && (
            <>
              <Menu.Item onClick={onPair}>Pair another device</Menu.Item>
              <Menu.Divider />
              <Menu.Item color="red" onClick={() => setOpen('delete')}>
                Delete number
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      {open === 'label' && <LabelDialog number={number} onClose={close} refresh={refresh} />}
      {open === 'delete' && (
        <Confirm
          title={`Delete ${formatHandle(phoneNumber)}?`}
          action="Delete number"
          typed={phoneNumber}
          onClose={close}
          run={() => send('DELETE', `/numbers/${id}`).then(refresh)}
        >
          Its devices are revoked, and its {number.queued.toLocaleString()} queued messages are cancelled. The
          messages that were sent and received stay readable.
        </Confirm>
      )}
    </>
  );
}

function LabelDialog({
  number,
  onClose,
  refresh,
}: {
  number: OwnNumber;
  onClose(): void;
  refresh(): Promise<void>;
}) {
  const [label, setLabel] = useState(number.label ?? '');
  const send = useTenantRequest();
  const change = useMutation({
    mutationFn: () =>
      send('PATCH', `/numbers/${number.id}`, { body: { label: label.trim() === '' ? null : label } }).then(
        refresh,
      ),
    onSuccess: onClose,
  });
  return (
    <Modal opened onClose={onClose} title="Change label" size="sm">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate();
        }}
      >
        <Stack gap="md">
          <Problem error={change.error} />
          <TextInput
            label="Label"
            description="Shown instead of the number, such as Reception. Empty: the number is shown."
            data-autofocus
            maxLength={100}
            value={label}
            onChange={(event) => setLabel(event.currentTarget.value)}
          />
          <Button type="submit" loading={change.isPending}>
            Save
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}
