/** Adds a contact. */
import { Button, Modal, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useLocation } from 'wouter';
import type { ContactDetail } from '../api/types.ts';
import { useEnvironment, useTenantRequest } from '../shell/environment.tsx';
import { Problem } from '../ui/problem.tsx';

export function AddDialog({ handle: known, onClose }: { handle: string; onClose(): void }) {
  const [handle, setHandle] = useState(known);
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const environment = useEnvironment();
  const send = useTenantRequest();
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const add = useMutation({
    mutationFn: () => send<ContactDetail>('POST', '/contacts', { body: { handle, name, email } }),
    onSuccess: (contact) => {
      void client.invalidateQueries({ queryKey: [environment, 'contacts'] });
      navigate(`/${contact.id}`);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <Modal opened onClose={onClose} title="Add contact" size="sm">
      <form onSubmit={submit}>
        <Stack gap="md">
          <Problem error={add.error} />
          <TextInput
            label="Name"
            data-autofocus
            maxLength={200}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <TextInput
            label="Number or iMessage address"
            description="With the country code, such as +1 415 555 0123, or an e-mail address that receives iMessage."
            required
            maxLength={320}
            value={handle}
            onChange={(event) => setHandle(event.currentTarget.value)}
          />
          <TextInput
            label="E-mail address"
            description="For your own use. Messages go to the number above."
            type="email"
            maxLength={320}
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          <Button type="submit" loading={add.isPending}>
            Add contact
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}
