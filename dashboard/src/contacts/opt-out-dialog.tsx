/** Records that a recipient opted out. */
import { Button, Modal, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useEnvironment, useTenantRequest } from '../shell/environment.tsx';
import { Problem } from '../ui/problem.tsx';
import { showDone } from '../ui/toasts.tsx';

export function OptOutDialog({ onClose }: { onClose(): void }) {
  const [handle, setHandle] = useState('');
  const [reason, setReason] = useState('');
  const environment = useEnvironment();
  const send = useTenantRequest();
  const client = useQueryClient();
  const add = useMutation({
    mutationFn: () => send('POST', '/opt-outs', { body: { handle, reason } }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: [environment, 'opt-outs'] });
      void client.invalidateQueries({ queryKey: [environment, 'contacts'] });
      showDone('The recipient gets no more messages.');
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <Modal opened onClose={onClose} title="Add opt-out" size="sm">
      <form onSubmit={submit}>
        <Stack gap="md">
          <Problem error={add.error} />
          <TextInput
            label="Number or iMessage address"
            description="Messages to it that are still queued are cancelled."
            data-autofocus
            required
            maxLength={320}
            value={handle}
            onChange={(event) => setHandle(event.currentTarget.value)}
          />
          <TextInput
            label="Note (optional)"
            description="How the recipient asked, such as “by phone”."
            maxLength={200}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          <Button type="submit" loading={add.isPending}>
            Add opt-out
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}
