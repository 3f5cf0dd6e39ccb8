/** Reads webhooks, and tells the page that they have changed. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { Webhook, WebhookList } from '../../api/types.ts';
import { useEnvironment, useTenantRequest } from '../../shell/environment.tsx';

export function useWebhooks() {
  const environment = useEnvironment();
  const send = useTenantRequest();
  return useQuery({
    queryKey: [environment, 'webhooks'],
    queryFn: ({ signal }) => send<WebhookList>('GET', '/webhooks', { signal }),
  });
}

export function useWebhook(id: string) {
  const environment = useEnvironment();
  const send = useTenantRequest();
  return useQuery({
    queryKey: [environment, 'webhooks', id],
    queryFn: ({ signal }) => send<Webhook>('GET', `/webhooks/${id}`, { signal }),
  });
}

/** Also the deliveries are loaded again. */
export function useRefreshWebhooks(): () => Promise<void> {
  const environment = useEnvironment();
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: [environment, 'webhooks'] });
}
