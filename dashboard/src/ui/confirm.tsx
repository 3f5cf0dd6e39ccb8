/** Asks before a change that cannot be undone. The button names the change. */
import { Button, Group, Modal, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { Problem } from './problem.tsx';

interface Props {
  title: string;
  children: ReactNode;
  /** Such as "Revoke key". */
  action: string;
  /** Text to type first, for changes that delete data. */
  typed?: string;
  run(): Promise<unknown>;
  onClose(): void;
}

/** A number may be typed as it is shown, in groups. */
const withoutSpaces = (text: string) => text.replace(/\s/g, '');

export function Confirm({ title, children, action, typed, run, onClose }: Props) {
  const [text, setText] = useState('');
  const change = useMutation({ mutationFn: run, onSuccess: onClose });
  return (
    <Modal opened onClose={onClose} title={title}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate();
        }}
      >
        <Text component="div" size="sm" mb="md">
          {children}
        </Text>
        <Problem error={change.error} />
        {typed !== undefined && (
          <TextInput
            mt="md"
            label={`Type ${typed} to confirm`}
            value={text}
            data-autofocus
            autoComplete="off"
            onChange={(event) => setText(event.currentTarget.value)}
          />
        )}
        <Group justify="flex-end" mt="lg">
          <Button variant="default" onClick={onClose}>
            Keep
          </Button>
          <Button
            type="submit"
            color="red"
            loading={change.isPending}
            disabled={typed !== undefined && withoutSpaces(text) !== withoutSpaces(typed)}
            data-autofocus={typed === undefined || undefined}
          >
            {action}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
