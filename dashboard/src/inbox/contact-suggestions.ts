/** Suggests contacts for the recipient of a new message, and finds the handle of the chosen one. */
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import type { ContactList } from '../api/types.ts';
import { useEnvironment, useTenantRequest } from '../shell/environment.tsx';
import { formatHandle } from '../ui/format-handle.ts';

export const optionText = (name: string | null, handle: string) =>
  name === null ? formatHandle(handle) : `${name} · ${formatHandle(handle)}`;

/** The list does not scroll. */
export const SUGGESTIONS_MAX = 6;

/** Returns the handle of the chosen contact, or the text without the spaces and brackets of a phone number. */
export function handleOf(text: string, contacts: ContactList['contacts']): string {
  const chosen = contacts.find(({ name, handle }) => optionText(name, handle) === text);
  if (chosen !== undefined) return chosen.handle;
  const trimmed = text.trim();
  return /^\+?[\d\s().-]+$/.test(trimmed) ? trimmed.replace(/[\s().-]/g, '') : trimmed;
}

export function useContactSuggestions(text: string): ContactList['contacts'] {
  const environment = useEnvironment();
  const send = useTenantRequest();
  const [search] = useDebouncedValue(text.trim(), 200);
  const { data } = useQuery({
    queryKey: [environment, 'contacts', 'suggestions', search],
    queryFn: ({ signal }) =>
      send<ContactList>('GET', '/contacts', { query: { search, limit: SUGGESTIONS_MAX }, signal }),
    placeholderData: (previous) => previous,
    retry: false,
  });
  return data?.contacts ?? [];
}
