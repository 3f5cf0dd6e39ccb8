/** Says who types. */
import IconTyping from 'icon:dots';
import { useEffect } from 'react';
import type { Conversation, Message } from '../../api/types.ts';
import { endTyping, useTyping } from '../../live/live-typing.ts';
import { conversationName, participantName } from '../../ui/conversation-name.ts';
import { formatHandle } from '../../ui/format-handle.ts';
import styles from './thread.module.css';

export function TypingIndicator({
  conversation,
  latest,
}: {
  conversation: Conversation;
  latest: Message | undefined;
}) {
  const { id } = conversation;
  const handles = useTyping(id);
  const sender = latest?.direction === 'inbound' ? latest.handle : undefined;
  const latestId = latest?.id;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each new message ends the typing of its sender
  useEffect(() => {
    if (sender !== undefined) endTyping(id, sender);
  }, [id, sender, latestId]);
  const [first, ...others] = handles.map((handle) => nameOf(conversation, handle));
  return (
    <div className={styles.typing} role="status">
      {first !== undefined && (
        <>
          <IconTyping size={20} />
          {others.length === 0 ? `${first} is typing` : `${first} and ${others.length} more are typing`}
        </>
      )}
    </div>
  );
}

function nameOf(conversation: Conversation, handle: string): string {
  if (!conversation.isGroup) return conversationName(conversation);
  const participant = conversation.participants.find((one) => one.handle === handle);
  return participant === undefined ? formatHandle(handle) : participantName(participant);
}
