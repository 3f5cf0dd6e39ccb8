/**
 * Writes a message: text, attachments, a saved reply, a time. Enter sends, as in Messages; on a touch screen it starts a
 * new line. Below the field: how the message would be sent, and why and until when it would wait.
 */

import IconSend from 'icon:arrow-up';
import IconAttach from 'icon:paperclip';
import { ActionIcon, Textarea, Tooltip } from '@mantine/core';
import { type ClipboardEvent, type DragEvent, type KeyboardEvent, useEffect, useRef, useState } from 'react';
import type { Conversation, Message } from '../../api/types.ts';
import { isMac } from '../../shell/keyboard.tsx';
import type { Effect } from '../thread/effects.ts';
import type { Outgoing, Target } from '../thread/use-send.ts';
import styles from './composer.module.css';
import { readDraft, writeDraft } from './drafts.ts';
import { EffectMenu } from './effect-menu.tsx';
import { ReplyBar } from './reply-bar.tsx';
import { SavedReplies } from './saved-replies.tsx';
import { ScheduleMenu } from './schedule-menu.tsx';
import { SendPreview } from './send-preview.tsx';
import { UploadList } from './upload-list.tsx';
import { useUploads } from './use-uploads.ts';

interface Props {
  scope: string;
  target: Target;
  conversation: Conversation | undefined;
  /** The message to which the next one replies. */
  replyTo?: Message | null;
  onReplyEnd?(): void;
  onSend(outgoing: Outgoing): void;
}

const CHARACTERS_MAX = 5_000;
const hasTouchKeyboard = () => matchMedia('(pointer: coarse)').matches;

const optedOutText = ({ isGroup }: Conversation) =>
  isGroup ? 'A participant has opted out' : 'The recipient has opted out';
const REJECTED = {
  group: 'Messages to this group are rejected.',
  one: 'Messages to this number are rejected.',
};

export function Composer({ scope, target, conversation, replyTo = null, onReplyEnd, onSend }: Props) {
  const [text, setText] = useState(() => readDraft(scope));
  const [sendAt, setSendAt] = useState<number | null>(null);
  const [effect, setEffect] = useState<Effect | null>(null);
  const [isDropping, setDropping] = useState(false);
  const uploads = useUploads();
  const field = useRef<HTMLTextAreaElement>(null);
  const files = useRef<HTMLInputElement>(null);
  useEffect(() => writeDraft(scope, text), [scope, text]);

  const characters = [...text].length;
  const isTooLong = characters > CHARACTERS_MAX;
  const isEmpty = text.trim() === '' && uploads.done.length === 0;
  const canSend =
    !isEmpty && !isTooLong && !uploads.isBusy && !uploads.hasFailed && conversation?.isOptedOut !== true;
  const send = () => {
    if (!canSend) return;
    onSend({
      ...{ content: text, uploads: uploads.done, sendAt, effect },
      replyTo: replyTo === null ? null : { messageId: replyTo.id, part: 0 },
    });
    setEffect(null);
    onReplyEnd?.();
    setText('');
    setSendAt(null);
    uploads.clear();
    field.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && replyTo !== null) onReplyEnd?.();
    else if (event.key === 'Escape') field.current?.blur();
    if (event.key !== 'Enter' || event.nativeEvent.isComposing) return;
    const isCommand = isMac ? event.metaKey : event.ctrlKey;
    if (isCommand || (!event.shiftKey && !hasTouchKeyboard())) {
      event.preventDefault();
      send();
    }
  };
  const onPaste = (event: ClipboardEvent) => {
    if (event.clipboardData.files.length === 0) return;
    event.preventDefault();
    uploads.add(event.clipboardData.files);
  };
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setDropping(false);
    uploads.add(event.dataTransfer.files);
  };
  return (
    <form
      className={styles.composer}
      data-dropping={isDropping || undefined}
      onSubmit={(event) => {
        event.preventDefault();
        // The dialog of the time has its own form, whose event React passes on.
        if (event.target === event.currentTarget) send();
      }}
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes('Files')) return;
        event.preventDefault();
        setDropping(true);
      }}
      onDragLeave={() => setDropping(false)}
      onDrop={onDrop}
    >
      {replyTo !== null && (
        <ReplyBar
          message={replyTo}
          contactName={conversation?.contactName ?? null}
          onClose={() => onReplyEnd?.()}
        />
      )}
      <UploadList uploads={uploads} />
      <div className={styles.line}>
        <input
          ref={files}
          type="file"
          multiple
          hidden
          onChange={(event) => {
            if (event.currentTarget.files !== null) uploads.add(event.currentTarget.files);
            event.currentTarget.value = '';
          }}
        />
        <Tooltip label="Attach files">
          <ActionIcon aria-label="Attach files" size={36} onClick={() => files.current?.click()}>
            <IconAttach size={20} />
          </ActionIcon>
        </Tooltip>
        <SavedReplies
          conversation={conversation}
          text={text}
          insert={(reply) => {
            setText((current) =>
              current.trim() === '' ? reply : `${current}${/\s$/.test(current) ? '' : ' '}${reply}`,
            );
            field.current?.focus();
          }}
        />
        <Textarea
          ref={field}
          className={styles.field}
          classNames={{ input: styles.input }}
          aria-label="Message"
          placeholder={conversation?.isOptedOut ? optedOutText(conversation) : 'Message'}
          disabled={conversation?.isOptedOut}
          autosize
          minRows={1}
          maxRows={8}
          data-composer
          enterKeyHint={hasTouchKeyboard() ? 'enter' : 'send'}
          dir="auto"
          value={text}
          error={
            isTooLong
              ? `${characters.toLocaleString()} of ${CHARACTERS_MAX.toLocaleString()} characters`
              : undefined
          }
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={onKeyDown}
          onPaste={onPaste}
        />
        {conversation?.capabilities.includes('effects') === true && (
          <EffectMenu effect={effect} onChange={setEffect} />
        )}
        <ScheduleMenu sendAt={sendAt} onChange={setSendAt} />
        <Tooltip label={sendAt === null ? 'Send' : 'Schedule'}>
          <ActionIcon
            type="submit"
            className={styles.send}
            variant="filled"
            color="blue"
            radius="xl"
            size={36}
            aria-label={sendAt === null ? 'Send' : 'Schedule'}
            disabled={!canSend}
          >
            <IconSend size={20} />
          </ActionIcon>
        </Tooltip>
      </div>
      <SendPreview
        target={target}
        text={text}
        hasMedia={uploads.done.length > 0}
        sendAt={sendAt}
        rejection={
          conversation?.isOptedOut
            ? `${optedOutText(conversation)}. ${REJECTED[conversation.isGroup ? 'group' : 'one']}`
            : undefined
        }
      />
    </form>
  );
}
