/** Replaces the secret of a webhook. For a while both secrets sign, so that no event is lost. */
import { Button, Modal, Select, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { NewWebhook } from '../../api/types.ts';
import { useTenantRequest } from '../../shell/environment.tsx';
import { Problem } from '../../ui/problem.tsx';
import { formatExact } from '../../ui/time.tsx';
import { ShownSecret } from './shown-secret.tsx';
import { useRefreshWebhooks } from './use-webhooks.ts';

const OVERLAPS = [
  { value: '0', label: 'Not at all: the old secret is known to others' },
  { value: '1', label: '1 hour' },
  { value: '24', label: '24 hours' },
  { value: '168', label: '7 days' },
];

export function RotateDialog({ id, onClose }: { id: string; onClose(): void }) {
  const [overlap, setOverlap] = useState('24');
  const send = useTenantRequest();
  const refresh = useRefreshWebhooks();
  const rotate = useMutation({
    mutationFn: () =>
      send<NewWebhook>('POST', `/webhooks/${id}/rotate-secret`, { body: { overlapHours: Number(overlap) } }),
    onSuccess: () => void refresh(),
  });
  const rotated = rotate.data;
  return (
    <Modal
      opened
      onClose={onClose}
      closeOnClickOutside={rotated === undefined}
      title={rotated === undefined ? 'Replace the secret' : 'The new secret is ready'}
    >
      {rotated === undefined ? (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            rotate.mutate();
          }}
        >
          <Stack gap="lg">
            <Problem error={rotate.error} />
            <Select
              label="The old secret also signs for"
              description="Until then your program can verify requests with either secret."
              data={OVERLAPS}
              allowDeselect={false}
              value={overlap}
              onChange={(value) => setOverlap(value ?? '24')}
            />
            <Button type="submit" loading={rotate.isPending}>
              Create a new secret
            </Button>
          </Stack>
        </form>
      ) : (
        <ShownSecret secret={rotated.secret} onClose={onClose}>
          {rotated.previousSecretUntil !== null && (
            <Text size="sm">The old secret also signs until {formatExact(rotated.previousSecretUntil)}.</Text>
          )}
        </ShownSecret>
      )}
    </Modal>
  );
}
