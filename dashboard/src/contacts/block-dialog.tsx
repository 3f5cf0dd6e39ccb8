/** Blocks a sender by its number or address. */
import { Button, Modal, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useEnvironment, useTenantRequest } from '../shell/environment.tsx';
import { Problem } from '../ui/problem.tsx';

export function BlockDialog({ onClose }: { onClose(): void }) {
  const [handle, setHandle] = useState('');
  const environment = useEnvironment();
  const send = useTenantRequest();
  const client = useQueryClient();
  const block = useMutation({
    mutationFn: () => send('POST', '/sender-rules', { body: { handle: handle.trim(), action: 'block' } }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: [environment, 'blocks'] });
      void client.invalidateQueries({ queryKey: [environment, 'contacts'] });
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    block.mutate();
  };
  return (
    <Modal opened onClose={onClose} title="Block sender" size="sm">
      <form onSubmit={submit}>
        <Stack gap="md">
          <Problem error={block.error} />
          <TextInput
            label="Number or iMessage address"
            description="With the country code, such as +1 415 555 0123. Short codes are allowed too."
            data-autofocus
            required
            maxLength={320}
            value={handle}
            onChange={(event) => setHandle(event.currentTarget.value)}
          />
          <Button type="submit" loading={block.isPending}>
            Block sender
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}
