/** Fields of a webhook: URL, events and number. */
import { Button, Checkbox, Select, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useNumbers } from '../../api/numbers.ts';
import type { EventType, Webhook } from '../../api/types.ts';
import { formatHandle } from '../../ui/format-handle.ts';
import { Problem } from '../../ui/problem.tsx';
import styles from '../developers.module.css';

export interface WebhookFields {
  url: string;
  events: readonly string[];
  numberId: string | null;
}

const ABOUT: Record<EventType, string> = {
  'message.received': 'Someone wrote to you.',
  'message.sent': 'A message left the device.',
  'message.delivered': 'A message reached the phone of the recipient.',
  'message.failed': 'A message was not sent, and why.',
  'message.reaction': 'A reaction was added or removed.',
  'message.edited': 'The text of a message changed.',
  'message.unsent': 'The sender unsent a message.',
  'message.read': 'The recipient read a message.',
  'conversation.created': 'The first message with a person.',
  'conversation.updated': 'Each further message with a person.',
  'conversation.changed': 'The name or the participants of a group changed.',
  'action.failed': 'A reaction, an edit or a change of a group was not carried out.',
  'device.online': 'A device connected.',
  'device.offline': 'A device is not connected any more.',
  'device.problem': 'A device reports a problem.',
  'typing.started': 'Someone is typing to you.',
  'typing.stopped': 'Someone stopped typing.',
  'opt_out.created': 'A person wants no more messages.',
  'opt_in.created': 'A person wants messages again.',
};
/** The types of a new webhook. A program for messages needs no others. */
const COMMON: ReadonlySet<EventType> = new Set([
  ...(['message.received', 'message.sent', 'message.delivered', 'message.failed'] as const),
  ...(['opt_out.created', 'opt_in.created'] as const),
]);
const ALL_NUMBERS = 'all';

export function WebhookForm({
  types,
  webhook,
  action,
  error,
  isPending,
  onSubmit,
}: {
  types: readonly EventType[];
  webhook?: Webhook;
  action: string;
  error: Error | null;
  isPending: boolean;
  onSubmit(fields: WebhookFields): void;
}) {
  const { data: numbers = [] } = useNumbers();
  const [url, setUrl] = useState(webhook?.url ?? '');
  const [events, setEvents] = useState<string[]>([
    ...(webhook?.events ?? types.filter((type) => COMMON.has(type))),
  ]);
  const [numberId, setNumberId] = useState(webhook?.numberId ?? null);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit({ url: url.trim(), events, numberId });
      }}
    >
      <Stack gap="lg">
        <Problem error={error} />
        <TextInput
          label="URL"
          description="The address of your program that accepts POST requests."
          placeholder="https://example.com/homing"
          type="url"
          required
          data-autofocus
          value={url}
          onChange={(event) => setUrl(event.currentTarget.value)}
        />
        <Checkbox.Group label="Events" value={events} onChange={setEvents}>
          <div className={styles.events}>
            {types.map((type) => (
              <Checkbox key={type} value={type} label={type} description={ABOUT[type]} />
            ))}
          </div>
        </Checkbox.Group>
        {numbers.length > 1 && (
          <Select
            label="Number"
            description="Only the events of this number."
            allowDeselect={false}
            data={[
              { value: ALL_NUMBERS, label: 'All numbers' },
              ...numbers.map(({ id, phoneNumber, label }) => ({
                value: id,
                label: label === null ? formatHandle(phoneNumber) : `${label} (${formatHandle(phoneNumber)})`,
              })),
            ]}
            value={numberId ?? ALL_NUMBERS}
            onChange={(value) => setNumberId(value === ALL_NUMBERS ? null : value)}
          />
        )}
        <Button type="submit" loading={isPending} disabled={events.length === 0}>
          {action}
        </Button>
      </Stack>
    </form>
  );
}
