/** Changes the URL, the events and the number of a webhook. */
import { Modal } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { Webhook } from '../../api/types.ts';
import { useTenantRequest } from '../../shell/environment.tsx';
import { useRefreshWebhooks, useWebhooks } from './use-webhooks.ts';
import { type WebhookFields, WebhookForm } from './webhook-form.tsx';

export function ChangeDialog({ webhook, onClose }: { webhook: Webhook; onClose(): void }) {
  const { data } = useWebhooks();
  const send = useTenantRequest();
  const refresh = useRefreshWebhooks();
  const change = useMutation({
    mutationFn: (fields: WebhookFields) =>
      send('PATCH', `/webhooks/${webhook.id}`, { body: fields }).then(refresh),
    onSuccess: onClose,
  });
  return (
    <Modal opened onClose={onClose} title="Change webhook" size="lg">
      {data !== undefined && (
        <WebhookForm
          types={data.events[webhook.dialect] ?? []}
          webhook={webhook}
          action="Save"
          error={change.error}
          isPending={change.isPending}
          onSubmit={change.mutate}
        />
      )}
    </Modal>
  );
}
