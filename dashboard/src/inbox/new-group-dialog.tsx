/** Creates a group: its participants and its name. The group exists in Messages after its first message. */
import { Button, Modal, Select, Stack, TagsInput, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useNumbers } from '../api/numbers.ts';
import type { Conversation } from '../api/types.ts';
import { useTenantRequest } from '../shell/environment.tsx';
import { formatHandle } from '../ui/format-handle.ts';
import { Problem } from '../ui/problem.tsx';
import { handleOf, optionText, useContactSuggestions } from './contact-suggestions.ts';

const PARTICIPANTS_MAX = 31;
const NAME_MAX = 100;

export default function NewGroupDialog({
  onCreated,
  onClose,
}: {
  onCreated(conversationId: string): void;
  onClose(): void;
}) {
  const send = useTenantRequest();
  const { data: numbers = [] } = useNumbers();
  const [chosen, setChosen] = useState<ReadonlyArray<{ text: string; handle: string }>>([]);
  const [search, setSearch] = useState('');
  const [name, setName] = useState('');
  const [numberId, setNumberId] = useState<string | null>(null);
  const contacts = useContactSuggestions(search);
  const create = useMutation({
    mutationFn: (participants: string[]) =>
      send<Conversation>('POST', '/conversations', {
        body: { participants, name: name.trim() || undefined, numberId: numberId ?? undefined },
      }),
    onSuccess: ({ id }) => onCreated(id),
  });
  const add = (texts: string[]) => {
    const known = new Map(chosen.map((one) => [one.text, one.handle]));
    setChosen(texts.map((text) => ({ text, handle: known.get(text) ?? handleOf(text, contacts) })));
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    // A number that is typed and not confirmed yet counts too.
    const rest = search.trim() === '' ? [] : [handleOf(search, contacts)];
    create.mutate([...chosen.map(({ handle }) => handle), ...rest]);
  };
  return (
    <Modal opened onClose={onClose} title="New group" size="sm">
      <form onSubmit={submit}>
        <Stack gap="md">
          <Problem error={create.error} />
          <TagsInput
            label="Participants"
            description="Names, numbers with the country code, or iMessage addresses. Press Enter after each."
            data-autofocus
            maxTags={PARTICIPANTS_MAX}
            acceptValueOnBlur
            value={chosen.map(({ text }) => text)}
            onChange={add}
            searchValue={search}
            onSearchChange={setSearch}
            data={contacts.map((contact) => optionText(contact.name, contact.handle))}
          />
          <TextInput
            label="Name"
            description="All participants see it."
            maxLength={NAME_MAX}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          {numbers.length > 1 && (
            <Select
              label="From"
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
          <Button type="submit" loading={create.isPending}>
            Create group
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}
