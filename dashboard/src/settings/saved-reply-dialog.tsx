/** Creates or changes a saved reply. Merge fields are inserted at the cursor. */
import { Button, Modal, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useRef, useState } from 'react';
import type { ContactFields, MergeFields, SavedReply } from '../api/types.ts';
import { useEnvironment, useTenantRequest } from '../shell/environment.tsx';
import { Problem } from '../ui/problem.tsx';
import styles from './settings.module.css';

interface Props {
  /** Undefined: a new one. */
  reply: SavedReply | undefined;
  onClose(): void;
  onSaved(): Promise<void>;
}

const TITLE_MAX = 200;
const BODY_MAX = 5_000;

export function SavedReplyDialog({ reply, onClose, onSaved }: Props) {
  const [title, setTitle] = useState(reply?.title ?? '');
  const [body, setBody] = useState(reply?.body ?? '');
  const field = useRef<HTMLTextAreaElement>(null);
  const send = useTenantRequest();
  const save = useMutation({
    mutationFn: () =>
      reply === undefined
        ? send('POST', '/saved-replies', { body: { title, body } })
        : send('PATCH', `/saved-replies/${reply.id}`, { body: { title, body } }),
    onSuccess: () => {
      onClose();
      return onSaved();
    },
  });
  const insert = (tag: string) => {
    const at = field.current?.selectionStart ?? body.length;
    setBody(body.slice(0, at) + tag + body.slice(field.current?.selectionEnd ?? at));
    field.current?.focus();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={reply === undefined ? 'New saved reply' : 'Edit saved reply'}
      size="lg"
    >
      <form onSubmit={submit}>
        <Stack gap="md">
          <Problem error={save.error} />
          <TextInput
            label="Title"
            data-autofocus
            required
            maxLength={TITLE_MAX}
            value={title}
            onChange={(event) => setTitle(event.currentTarget.value)}
          />
          <Textarea
            ref={field}
            label="Text"
            required
            autosize
            minRows={4}
            maxRows={12}
            maxLength={BODY_MAX}
            dir="auto"
            value={body}
            onChange={(event) => setBody(event.currentTarget.value)}
          />
          <MergeFieldButtons insert={insert} />
          <Button type="submit" loading={save.isPending}>
            Save
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}

function MergeFieldButtons({ insert }: { insert(tag: string): void }) {
  const names = useMergeFieldNames();
  return (
    <div>
      <Text size="sm" fw={500}>
        Merge fields
      </Text>
      <p className={styles.meta}>
        Select one to insert it. When the reply is used, it becomes the value of the recipient, or of the
        member who sends. An unknown value becomes empty.
      </p>
      <div className={styles.fields}>
        {names.map((name) => (
          <Button key={name} variant="default" size="compact-sm" onClick={() => insert(`{{${name}}}`)}>
            {name}
          </Button>
        ))}
      </div>
    </div>
  );
}

/** The broker knows the custom fields of one contact only with a conversation, so all names of fields are added. */
function useMergeFieldNames(): string[] {
  const environment = useEnvironment();
  const send = useTenantRequest();
  const { data: merge } = useQuery({
    queryKey: [environment, 'saved-replies', 'merge-fields'],
    queryFn: ({ signal }) => send<MergeFields>('GET', '/merge-fields', { signal }),
  });
  const { data: contacts } = useQuery({
    queryKey: [environment, 'contacts', 'fields'],
    queryFn: ({ signal }) => send<ContactFields>('GET', '/contact-fields', { signal }),
  });
  const known = merge?.fields.map(({ name }) => name) ?? [];
  const custom = contacts?.fields.map((name) => `contact.custom.${name}`) ?? [];
  return [...new Set([...known, ...custom])];
}
