/** Offers the six tapbacks and a field for any emoji. */
import { ActionIcon, Button, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import styles from './reaction-picker.module.css';
import { TAPBACKS } from './tapbacks.ts';

export function ReactionPicker({
  own,
  canUseEmoji,
  onPick,
}: {
  /** The own reaction that is set. */
  own: string | undefined;
  canUseEmoji: boolean;
  onPick(reaction: string): void;
}) {
  const [emoji, setEmoji] = useState('');
  const isEmoji = isOneEmoji(emoji.trim());
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isEmoji) onPick(emoji.trim());
  };
  return (
    <div className={styles.picker}>
      <div className={styles.tapbacks}>
        {TAPBACKS.map(({ reaction, name, icon: Icon }) => (
          <ActionIcon
            key={reaction}
            size={40}
            radius="xl"
            aria-label={name}
            title={name}
            aria-pressed={own === reaction}
            variant={own === reaction ? 'filled' : 'subtle'}
            color={own === reaction ? 'blue' : 'gray'}
            onClick={() => onPick(reaction)}
          >
            <Icon size={20} />
          </ActionIcon>
        ))}
      </div>
      {canUseEmoji && (
        <form className={styles.emoji} onSubmit={submit}>
          <TextInput
            aria-label="Emoji"
            placeholder="Any emoji"
            maxLength={64}
            autoComplete="off"
            value={emoji}
            onChange={(event) => setEmoji(event.currentTarget.value)}
          />
          <Button type="submit" variant="default" disabled={!isEmoji}>
            React
          </Button>
        </form>
      )}
    </div>
  );
}

function isOneEmoji(text: string): boolean {
  const [first, ...rest] = new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text);
  return (
    first !== undefined &&
    rest.length === 0 &&
    /\p{Extended_Pictographic}|\p{Regional_Indicator}{2}|^[#*\d]\uFE0F?\u20E3$/u.test(text)
  );
}
