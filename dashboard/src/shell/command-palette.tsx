/** Opens views and conversations, and runs the actions of the current view, by typing. */
import '@mantine/spotlight/styles.css';
import IconAction from 'icon:bolt';
import IconMessage from 'icon:message';
import IconSearch from 'icon:search';
import { useDebouncedValue } from '@mantine/hooks';
import { Spotlight } from '@mantine/spotlight';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation } from 'wouter';
import type { ConversationList } from '../api/types.ts';
import { conversationName } from '../ui/conversation-name.ts';
import { useEnvironment, useTenantRequest } from './environment.tsx';
import { useKeyboard } from './keyboard.tsx';
import { VIEWS } from './views.ts';

const CONVERSATIONS_MAX = 8;

export default function CommandPalette({ onClose }: { onClose(): void }) {
  const [query, setQuery] = useState('');
  const [, navigate] = useLocation();
  const actions = useKeyboard().active();
  const conversations = useFoundConversations(query);
  const matches = (text: string) => text.toLowerCase().includes(query.trim().toLowerCase());
  const open = (path: string) => () => {
    onClose();
    navigate(path);
  };
  const views = VIEWS.filter(({ name }) => matches(name));
  const shownActions = actions.filter(({ description }) => matches(description));
  const isEmpty = views.length + shownActions.length + conversations.length === 0;
  return (
    <Spotlight.Root
      query={query}
      onQueryChange={setQuery}
      forceOpened
      onSpotlightClose={onClose}
      scrollable
      maxHeight={420}
    >
      <Spotlight.Search
        placeholder="Search views, actions and conversations"
        leftSection={<IconSearch size={20} />}
      />
      <Spotlight.ActionsList>
        {views.length > 0 && (
          <Spotlight.ActionsGroup label="Views">
            {views.map(({ path, name, icon: Icon }) => (
              <Spotlight.Action
                key={path}
                label={name}
                leftSection={<Icon size={20} />}
                onClick={open(path)}
              />
            ))}
          </Spotlight.ActionsGroup>
        )}
        {shownActions.length > 0 && (
          <Spotlight.ActionsGroup label="Actions">
            {shownActions.map(({ description, run }) => (
              <Spotlight.Action
                key={description}
                label={description}
                leftSection={<IconAction size={20} />}
                onClick={() => {
                  onClose();
                  run();
                }}
              />
            ))}
          </Spotlight.ActionsGroup>
        )}
        {conversations.length > 0 && (
          <Spotlight.ActionsGroup label="Conversations">
            {conversations.map((conversation) => (
              <Spotlight.Action
                key={conversation.id}
                label={conversationName(conversation)}
                description={conversation.latest?.content}
                leftSection={<IconMessage size={20} />}
                onClick={open(`/inbox/${conversation.id}`)}
              />
            ))}
          </Spotlight.ActionsGroup>
        )}
        {isEmpty && <Spotlight.Empty>Nothing found.</Spotlight.Empty>}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}

function useFoundConversations(query: string) {
  const [search] = useDebouncedValue(query.trim(), 150);
  const environment = useEnvironment();
  const send = useTenantRequest();
  const { data } = useQuery({
    queryKey: [environment, 'conversations', 'palette', search],
    queryFn: ({ signal }) =>
      send<ConversationList>('GET', '/conversations', {
        query: { search, limit: CONVERSATIONS_MAX },
        signal,
      }),
    placeholderData: (previous) => previous,
  });
  return data?.conversations ?? [];
}
