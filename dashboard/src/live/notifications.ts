/**
 * Shows a notification of the system for a new inbound message while the page is in the background, and the number of
 * unread conversations in the title of the page.
 */
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect } from 'react';
import { useLocation } from 'wouter';
import type { ConversationList } from '../api/types.ts';
import { PAGE_BASE } from '../routes.ts';
import { useEnvironment, useTenantRequest } from '../shell/environment.tsx';
import { conversationName } from '../ui/conversation-name.ts';
import type { LiveFrame } from './live-updates.ts';
import { areNotificationsOn } from './notification-setting.ts';

const SHOWN_MAX = 3;
const TITLE_COUNT = /^\(\d+\+?\) /;

export function useNotifications(): (frame: LiveFrame) => void {
  const environment = useEnvironment();
  const send = useTenantRequest();
  const client = useQueryClient();
  const [, navigate] = useLocation();
  return useCallback(
    ({ messages = [] }) => {
      if (messages.length === 0 || !areNotificationsOn() || document.visibilityState === 'visible') return;
      const ids = new Set(messages.map(({ id }) => id));
      const show = async () => {
        const { conversations } = await client.fetchQuery({
          queryKey: [environment, 'conversations', 'notified'],
          queryFn: () =>
            send<ConversationList>('GET', '/conversations', { query: { filter: 'unread', limit: 10 } }),
          staleTime: 0,
        });
        const fresh = conversations.filter(
          ({ latest }) => latest !== null && latest.direction === 'inbound' && ids.has(latest.id),
        );
        for (const conversation of fresh.slice(0, SHOWN_MAX)) {
          const shown = new Notification(conversationName(conversation), {
            body: conversation.latest?.content || 'Attachment',
            // A later message of the same conversation replaces the notification.
            tag: conversation.id,
            icon: `${PAGE_BASE}/icon.svg`,
          });
          shown.onclick = () => {
            window.focus();
            navigate(`/inbox/${conversation.id}`);
            shown.close();
          };
        }
      };
      show().catch(() => {});
    },
    [environment, send, client, navigate],
  );
}

/** Sets the title of the page, with the number of unread conversations in front. */
export function useTitle(name: string): void {
  useEffect(() => {
    const count = TITLE_COUNT.exec(document.title)?.[0] ?? '';
    document.title = `${count}${name} · Homing`;
  }, [name]);
}

export function useTitleCount(unread: number): void {
  useEffect(() => {
    const name = document.title.replace(TITLE_COUNT, '');
    document.title = unread === 0 ? name : `(${unread > 99 ? '99+' : unread}) ${name}`;
  }, [unread]);
}
