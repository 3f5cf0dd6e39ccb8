/** Delivers the events of a time range again, for example after an outage of the receiver. */
import { Button, Group, Modal, Stack, Switch, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReplayResult } from '../../api/types.ts';
import { useTenantRequest } from '../../shell/environment.tsx';
import { countOf } from '../../ui/count-of.ts';
import { Problem } from '../../ui/problem.tsx';
import { showDone } from '../../ui/toasts.tsx';
import { useRefreshWebhooks } from './use-webhooks.ts';

const DAY = 86_400_000;

export function ReplayDialog({ id, onClose }: { id: string; onClose(): void }) {
  const [since, setSince] = useState(() => localTime(Date.now() - DAY));
  const [until, setUntil] = useState('');
  const [undeliveredOnly, setUndeliveredOnly] = useState(true);
  const [done, setDone] = useState(0);
  const send = useTenantRequest();
  const refresh = useRefreshWebhooks();
  const replay = useMutation({
    mutationFn: async () => {
      const range = {
        since: Date.parse(since),
        // A fixed end: the replay must not follow its own events.
        until: until === '' ? Date.now() : Date.parse(until),
        undeliveredOnly,
      };
      let cursor: string | null = null;
      let count = 0;
      do {
        const { replayed, next }: ReplayResult = await send('POST', `/webhooks/${id}/replay`, {
          body: { ...range, cursor },
        });
        count += replayed;
        setDone(count);
        cursor = next;
      } while (cursor !== null);
      return count;
    },
    onSuccess: (count) => {
      showDone(
        count === 0 ? 'No event in this range needs a replay.' : `${countOf(count, 'event')} queued again.`,
      );
      onClose();
    },
    onSettled: () => void refresh(),
  });
  return (
    <Modal opened onClose={onClose} title="Replay events">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          replay.mutate();
        }}
      >
        <Stack gap="lg">
          <Problem error={replay.error} />
          <Group grow align="flex-start">
            <TextInput
              label="From"
              type="datetime-local"
              required
              value={since}
              onChange={(event) => setSince(event.currentTarget.value)}
            />
            <TextInput
              label="Until (optional)"
              type="datetime-local"
              value={until}
              onChange={(event) => setUntil(event.currentTarget.value)}
            />
          </Group>
          <Switch
            label="Only events that were not delivered"
            checked={undeliveredOnly}
            onChange={(event) => setUndeliveredOnly(event.currentTarget.checked)}
          />
          <Button type="submit" loading={replay.isPending}>
            Replay events
          </Button>
          {replay.isPending && <span role="status">{countOf(done, 'event')} queued so far.</span>}
        </Stack>
      </form>
    </Modal>
  );
}

/** Formats a time for a field, in the time zone of the viewer. */
function localTime(at: number): string {
  const offset = new Date(at).getTimezoneOffset() * 60_000;
  return new Date(at - offset).toISOString().slice(0, 16);
}
