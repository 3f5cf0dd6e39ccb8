/** Asks for the new name of a group or a new participant, and before a participant is removed or the group is left. */
import { Button, Modal, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { Conversation } from '../../api/types.ts';
import { useEnvironment } from '../../shell/environment.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { participantName } from '../../ui/conversation-name.ts';
import { Problem } from '../../ui/problem.tsx';
import { useOpenConversation } from '../thread/thread-context.tsx';
import type { GroupDialog } from './group-section.tsx';

const NAME_MAX = 100;

interface Props {
  dialog: GroupDialog;
  conversation: Conversation;
  onClose(): void;
}

export default function GroupDialogs({ dialog, conversation, onClose }: Props) {
  const { actions } = useOpenConversation();
  const environment = useEnvironment();
  const client = useQueryClient();
  const change: typeof actions.changeGroup = async (method, path, body) => {
    await actions.changeGroup(method, path, body);
    await client.invalidateQueries({ queryKey: [environment, 'conversation', conversation.id] });
  };
  switch (dialog.kind) {
    case 'rename':
      return (
        <TextDialog
          title="Rename group"
          label="Name"
          description="All participants see the name. Leave it empty to remove the name."
          action="Rename"
          start={conversation.name ?? ''}
          maxLength={NAME_MAX}
          isRequired={false}
          run={(name) => change('PATCH', '', { name })}
          onClose={onClose}
        />
      );
    case 'add':
      return (
        <TextDialog
          title="Add a participant"
          label="Number or iMessage address"
          description="With the country code, such as +1 415 555 0123."
          action="Add"
          start=""
          maxLength={320}
          isRequired
          run={(handle) => change('POST', '/participants', { handle })}
          onClose={onClose}
        />
      );
    case 'remove':
      return (
        <Confirm
          title={`Remove ${participantName(dialog.participant)}?`}
          action="Remove"
          run={() => change('DELETE', `/participants/${encodeURIComponent(dialog.participant.handle)}`)}
          onClose={onClose}
        >
          Further messages to the group do not reach this participant.
        </Confirm>
      );
    case 'leave':
      return (
        <Confirm
          title="Leave this group?"
          action="Leave group"
          run={() => change('POST', '/leave')}
          onClose={onClose}
        >
          You receive no further messages of the group. A participant can add you again.
        </Confirm>
      );
  }
}

function TextDialog({
  title,
  label,
  description,
  action,
  start,
  maxLength,
  isRequired,
  run,
  onClose,
}: {
  title: string;
  label: string;
  description: string;
  action: string;
  start: string;
  maxLength: number;
  isRequired: boolean;
  run(text: string): Promise<void>;
  onClose(): void;
}) {
  const [text, setText] = useState(start);
  const change = useMutation({ mutationFn: () => run(text.trim()), onSuccess: onClose });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <Modal opened onClose={onClose} title={title} size="sm">
      <form onSubmit={submit}>
        <Stack gap="md">
          <Problem error={change.error} />
          <TextInput
            label={label}
            description={description}
            data-autofocus
            required={isRequired}
            maxLength={maxLength}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <Button type="submit" loading={change.isPending}>
            {action}
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}
