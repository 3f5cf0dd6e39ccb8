/** Starts a conversation: the recipient, the number to send from, and the first message. */

import IconBack from 'icon:arrow-left';
import { ActionIcon, Autocomplete, Select, Stack, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useCallback, useMemo, useState } from 'react';
import { useSearchParams } from 'wouter';
import { useNumbers } from '../api/numbers.ts';
import type { ContactList, Message } from '../api/types.ts';
import { useTitle } from '../live/notifications.ts';
import { useEnvironment, useTenantRequest } from '../shell/environment.tsx';
import { formatHandle } from '../ui/format-handle.ts';
import { Composer } from './composer/composer.tsx';
import styles from './new-conversation.module.css';
import { PendingBubble } from './thread/pending-bubble.tsx';
import { usePendingMessages } from './thread/pending-messages.ts';
import { useSend } from './thread/use-send.ts';

export function NewConversation({
  onSent,
  onBack,
}: {
  onSent(conversationId: string): void;
  onBack(): void;
}) {
  useTitle('New conversation');
  const environment = useEnvironment();
  const [params] = useSearchParams();
  const [recipient, setRecipient] = useState(params.get('to') ?? '');
  const [numberId, setNumberId] = useState<string | null>(null);
  const { data: numbers = [] } = useNumbers();
  const contacts = useContactSuggestions(recipient);
  const to = handleOf(recipient, contacts);
  const target = useMemo(() => ({ to, numberId: numberId ?? undefined }), [to, numberId]);
  const scope = `${environment}.new`;
  const pending = usePendingMessages(scope);
  const onAccepted = useCallback(
    (message: Message) => {
      onSent(message.conversationId);
    },
    [onSent],
  );
  const sending = useSend(scope, target, onAccepted);
  return (
    <>
      <div className={styles.head}>
        <ActionIcon className={styles.back} aria-label="Back to the conversations" size={40} onClick={onBack}>
          <IconBack size={20} />
        </ActionIcon>
        <Autocomplete
          className={styles.to}
          label="To"
          placeholder="Name, +1 415 555 0123 or e-mail address"
          data-autofocus
          limit={SUGGESTIONS_MAX}
          maxDropdownHeight={SUGGESTIONS_MAX * 48}
          autoFocus
          value={recipient}
          onChange={setRecipient}
          data={contacts.map(({ name, handle }) => ({
            value: optionText(name, handle),
            label: optionText(name, handle),
          }))}
        />
        {numbers.length > 1 && (
          <Select
            label="From"
            w={180}
            placeholder="Default number"
            clearable
            data={numbers.map(({ id, label, phoneNumber }) => ({
              value: id,
              label: label ?? formatHandle(phoneNumber),
            }))}
            value={numberId}
            onChange={setNumberId}
          />
        )}
      </div>
      <div className={styles.body}>
        {numbers.length === 0 && (
          <Stack p="xl" align="center">
            <Text c="dimmed" size="sm">
              Pair a device first: messages are sent by your own iPhone or Mac.
            </Text>
          </Stack>
        )}
        {pending.map((one) => (
          <PendingBubble
            key={one.key}
            pending={one}
            onRetry={() => void sending.retry(one)}
            onDiscard={() => sending.discard(one)}
          />
        ))}
      </div>
      <Composer
        scope={scope}
        target={target}
        conversation={undefined}
        onSend={(outgoing) => void sending.send(outgoing)}
      />
    </>
  );
}

const optionText = (name: string | null, handle: string) =>
  name === null ? formatHandle(handle) : `${name} · ${formatHandle(handle)}`;

/** The list does not scroll. */
const SUGGESTIONS_MAX = 6;

/** Returns the handle of the chosen contact, or the text without the spaces and brackets of a phone number. */
function handleOf(text: string, contacts: ContactList['contacts']): string {
  const chosen = contacts.find(({ name, handle }) => optionText(name, handle) === text);
  if (chosen !== undefined) return chosen.handle;
  const trimmed = text.trim();
  return /^\+?[\d\s().-]+$/.test(trimmed) ? trimmed.replace(/[\s().-]/g, '') : trimmed;
}

function useContactSuggestions(text: string): ContactList['contacts'] {
  const environment = useEnvironment();
  const send = useTenantRequest();
  const [search] = useDebouncedValue(text.trim(), 200);
  const { data } = useQuery({
    queryKey: [environment, 'contacts', 'suggestions', search],
    queryFn: ({ signal }) =>
      send<ContactList>('GET', '/contacts', { query: { search, limit: SUGGESTIONS_MAX }, signal }),
    placeholderData: (previous) => previous,
    retry: false,
  });
  return data?.contacts ?? [];
}
