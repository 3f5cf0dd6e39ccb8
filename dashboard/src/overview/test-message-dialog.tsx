/** Sends a test message and follows it until it has arrived. */
import { Button, Modal, Stack, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import type { Message, MessageDetail } from '../api/types.ts';
import { MessageStatus } from '../messages/message-status.tsx';
import { useEnvironment, useTenantRequest } from '../shell/environment.tsx';
import { formatHandle } from '../ui/format-handle.ts';
import { Problem } from '../ui/problem.tsx';
import { randomKey } from '../ui/random-key.ts';
import { viewPath } from '../ui/view-path.ts';
import styles from './overview.module.css';

/** Answers each message. */
const SANDBOX_RECIPIENT = '+15005550014';
const REFETCH_MS = 2_000;

export function TestMessageDialog({ onClose }: { onClose(): void }) {
  const environment = useEnvironment();
  const isSandbox = environment === 'test';
  const [to, setTo] = useState(isSandbox ? SANDBOX_RECIPIENT : '');
  const [content, setContent] = useState('Hello from Homing');
  const [idempotencyKey] = useState(randomKey);
  const send = useTenantRequest();
  const client = useQueryClient();
  const create = useMutation({
    mutationFn: () => send<Message>('POST', '/messages', { body: { to, content, idempotencyKey } }),
    onSuccess: () => void client.invalidateQueries({ queryKey: [environment, 'overview'] }),
  });
  return (
    <Modal opened onClose={onClose} title="Send a test message">
      {create.data === undefined ? (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            create.mutate();
          }}
        >
          <Stack gap="md">
            <Problem error={create.error} />
            <TextInput
              label={isSandbox ? 'To' : 'Your phone number'}
              description={
                isSandbox
                  ? 'This number of the sandbox answers each message.'
                  : 'Your own phone, with the country code, so that you see the message arrive.'
              }
              placeholder="+1 415 555 0123"
              type="tel"
              required
              data-autofocus
              value={to}
              onChange={(event) => setTo(event.currentTarget.value)}
            />
            <TextInput
              label="Text"
              required
              value={content}
              onChange={(event) => setContent(event.currentTarget.value)}
            />
            <Button type="submit" loading={create.isPending}>
              Send
            </Button>
          </Stack>
        </form>
      ) : (
        <Sent created={create.data} onClose={onClose} />
      )}
    </Modal>
  );
}

function Sent({ created, onClose }: { created: Message; onClose(): void }) {
  const environment = useEnvironment();
  const send = useTenantRequest();
  const { data } = useQuery({
    queryKey: [environment, 'message', created.id],
    queryFn: ({ signal }) => send<MessageDetail>('GET', `/messages/${created.id}`, { signal }),
    refetchInterval: REFETCH_MS,
  });
  const message = data?.message ?? created;
  return (
    <Stack gap="md">
      <div role="status" className={styles.sent}>
        To {formatHandle(message.handle)}: <MessageStatus message={message} />
        {message.wait !== null && <p>{message.wait.message}</p>}
        {message.error !== null && <p>{message.error.message}</p>}
      </div>
      <Button variant="default" component={Link} href={viewPath(`/messages/${message.id}`)}>
        Show its timeline
      </Button>
      <Button onClick={onClose}>Done</Button>
    </Stack>
  );
}
