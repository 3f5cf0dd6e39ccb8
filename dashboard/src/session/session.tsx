/** Provides the signed-in member, the account and the environment of the page. */
import { useQuery } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext } from 'react';
import { request } from '../api/request.ts';
import type { Session } from '../api/types.ts';

export const SESSION_KEY = ['session'] as const;

export function useSessionQuery() {
  return useQuery({
    queryKey: SESSION_KEY,
    queryFn: ({ signal }) => request<Session>('GET', '/session', { signal }),
    staleTime: 5 * 60_000,
  });
}

const SessionContext = createContext<Session | undefined>(undefined);

export function SessionProvider({ value, children }: { value: Session; children: ReactNode }) {
  return <SessionContext value={value}>{children}</SessionContext>;
}

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === undefined) throw new Error('useSession needs a SessionProvider.');
  return session;
}

/** Whether the member may send, and change conversations and contacts. */
export function useCanWrite(): boolean {
  return useSession().member.role !== 'viewer';
}

/** Whether the member may change devices, keys, webhooks and settings. */
export function useIsOwner(): boolean {
  return useSession().member.role === 'owner';
}
