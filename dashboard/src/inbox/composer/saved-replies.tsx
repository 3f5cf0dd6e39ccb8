/** Inserts a saved reply, with its merge fields filled in for this conversation. */

import IconReplies from 'icon:message-2-bolt';
import { ActionIcon, Menu, ScrollArea, TextInput, Tooltip } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Conversation, MergeFields, SavedReplyList } from '../../api/types.ts';
import { useEnvironment, useTenantRequest } from '../../shell/environment.tsx';
import { showDone, showProblem } from '../../ui/toasts.tsx';
import styles from './saved-replies.module.css';

interface Props {
  conversation: Conversation | undefined;
  /** The text that can be saved as a reply. */
  text: string;
  insert(text: string): void;
}

const TITLE_MAX = 40;
const FIELDS_MAX = 8;

export function SavedReplies({ conversation, text, insert }: Props) {
  const environment = useEnvironment();
  const send = useTenantRequest();
  const client = useQueryClient();
  const [isOpen, setOpen] = useState(false);
  const [search, setSearch] = useState('');
  const { data } = useQuery({
    queryKey: [environment, 'saved-replies', conversation?.id ?? null],
    queryFn: ({ signal }) =>
      send<SavedReplyList>('GET', '/saved-replies', { query: { conversation: conversation?.id }, signal }),
    enabled: isOpen,
  });
  const { data: merge } = useQuery({
    queryKey: [environment, 'contacts', 'merge-fields', conversation?.id ?? null],
    queryFn: ({ signal }) =>
      send<MergeFields>('GET', '/merge-fields', { query: { conversation: conversation?.id }, signal }),
    enabled: isOpen && conversation !== undefined,
  });
  const replies = data?.savedReplies ?? [];
  const fields = (merge?.fields ?? []).filter(({ value }) => value !== '').slice(0, FIELDS_MAX);
  const found = replies.filter(({ title, body }) =>
    `${title} ${body}`.toLowerCase().includes(search.toLowerCase()),
  );
  const save = async () => {
    const body = text.trim();
    try {
      await send('POST', '/saved-replies', { body: { title: body.slice(0, TITLE_MAX), body } });
      await client.invalidateQueries({ queryKey: [environment, 'saved-replies'] });
      showDone('Saved as a reply.');
    } catch (error) {
      showProblem(error);
    }
  };
  return (
    <Menu position="top-start" width={300} opened={isOpen} onChange={setOpen} withinPortal>
      <Menu.Target>
        <Tooltip label="Saved replies" disabled={isOpen}>
          <ActionIcon aria-label="Saved replies" size={36}>
            <IconReplies size={20} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        {replies.length > 5 && (
          <TextInput
            m={4}
            placeholder="Search"
            aria-label="Search saved replies"
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
          />
        )}
        <ScrollArea.Autosize mah={280}>
          {found.map(({ id, title, rendered, body }) => (
            <Menu.Item key={id} onClick={() => insert(rendered ?? body)}>
              <span className={styles.title}>{title}</span>
              <span className={styles.body}>{rendered ?? body}</span>
            </Menu.Item>
          ))}
          {data !== undefined && found.length === 0 && <Menu.Label>No saved replies</Menu.Label>}
        </ScrollArea.Autosize>
        {fields.length > 0 && (
          <>
            <Menu.Divider />
            <Menu.Label>Insert a field of the contact</Menu.Label>
            {fields.map(({ name, value }) => (
              <Menu.Item
                key={name}
                rightSection={<code className={styles.field}>{name}</code>}
                onClick={() => insert(value)}
              >
                {value}
              </Menu.Item>
            ))}
          </>
        )}
        {text.trim() !== '' && (
          <>
            <Menu.Divider />
            <Menu.Item onClick={() => void save()}>Save this text as a reply</Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
