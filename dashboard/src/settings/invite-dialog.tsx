/** Creates an invitation and shows its link once. */
import { Button, Group, Modal, Radio, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { request } from '../api/request.ts';
import type { NewInvitation, Role } from '../api/types.ts';
import { CodeLine } from '../ui/code.tsx';
import { Problem } from '../ui/problem.tsx';
import { formatExact } from '../ui/time.tsx';
import { ROLE_NAMES, ROLES } from './roles.ts';

export function InviteDialog({ onClose }: { onClose(): void }) {
  const [role, setRole] = useState<Role>('member');
  const [label, setLabel] = useState('');
  const client = useQueryClient();
  const create = useMutation({
    mutationFn: () => request<NewInvitation>('POST', '/invitations', { body: { role, label } }),
    onSuccess: () => void client.invalidateQueries({ queryKey: ['invitations'] }),
  });
  if (create.data !== undefined) return <CreatedLink invitation={create.data} onClose={onClose} />;
  return (
    <Modal opened onClose={onClose} title="Invite a member">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate();
        }}
      >
        <Stack gap="lg">
          <Problem error={create.error} />
          <TextInput
            label="Name (optional)"
            description="For whom the link is, as a note in the list of invitations."
            data-autofocus
            maxLength={100}
            value={label}
            onChange={(event) => setLabel(event.currentTarget.value)}
          />
          <Radio.Group label="Role" value={role} onChange={(value) => setRole(value as Role)}>
            <Stack gap="md" mt="sm">
              {ROLES.map((one) => (
                <Radio key={one.value} {...one} />
              ))}
            </Stack>
          </Radio.Group>
          <Button type="submit" loading={create.isPending}>
            Create link
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}

function CreatedLink({ invitation, onClose }: { invitation: NewInvitation; onClose(): void }) {
  const { url, role, expiresAt } = invitation;
  return (
    <Modal opened onClose={onClose} title="Send this link" closeOnClickOutside={false}>
      <Stack gap="md">
        <Text size="sm">
          Whoever opens it first becomes {ROLE_NAMES[role].toLowerCase()} of this account. It is shown only
          now, and works once, until {formatExact(expiresAt)}.
        </Text>
        <CodeLine text={url} label="Copy the link" />
        <Group justify="flex-end">
          <Button onClick={onClose} data-autofocus>
            Done
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
