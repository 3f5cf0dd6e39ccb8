/** Starts a conversation: the recipient, the number to send from, and the first message. */

import IconBack from 'icon:arrow-left';
import { ActionIcon, Autocomplete, Select, Stack, Text } from '@mantine/core';
import { useCallback, useMemo, useState } from 'react';
import { useSearchParams } from 'wouter';
import { useNumbers } from '../api/numbers.ts';
import type { Message } from '../api/types.ts';
import { useTitle } from '../live/notifications.ts';
import { useEnvironment } from '../shell/environment.tsx';
import { formatHandle } from '../ui/format-handle.ts';
import { Composer } from './composer/composer.tsx';
import { handleOf, optionText, SUGGESTIONS_MAX, useContactSuggestions } from './contact-suggestions.ts';
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
