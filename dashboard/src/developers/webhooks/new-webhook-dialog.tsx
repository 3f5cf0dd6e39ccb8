/** Adds a webhook and shows its secret once. */
import { Button, Modal } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { EventType, NewWebhook } from '../../api/types.ts';
import { useTenantRequest } from '../../shell/environment.tsx';
import { showProblem } from '../../ui/toasts.tsx';
import { ShownSecret } from './shown-secret.tsx';
import { useRefreshWebhooks } from './use-webhooks.ts';
import { type WebhookFields, WebhookForm } from './webhook-form.tsx';

export function NewWebhookDialog({
  types,
  onClose,
  onOpen,
}: {
  types: readonly EventType[];
  onClose(): void;
  onOpen(id: string): void;
}) {
  const send = useTenantRequest();
  const refresh = useRefreshWebhooks();
  const create = useMutation({
    mutationFn: (fields: WebhookFields) => send<NewWebhook>('POST', '/webhooks', { body: fields }),
    onSuccess: () => void refresh(),
  });
  const test = useMutation({
    mutationFn: (id: string) => send('POST', `/webhooks/${id}/test`),
    onSuccess: (_, id) => {
      void refresh();
      onOpen(id);
    },
    onError: showProblem,
  });
  const created = create.data;
  return (
    <Modal
      opened
      onClose={onClose}
      closeOnClickOutside={created === undefined}
      title={created === undefined ? 'Add a webhook' : 'The webhook is ready'}
      size="lg"
    >
      {created === undefined ? (
        <WebhookForm
          types={types}
          action="Add webhook"
          error={create.error}
          isPending={create.isPending}
          onSubmit={create.mutate}
        />
      ) : (
        <ShownSecret
          secret={created.secret}
          onClose={onClose}
          actions={
            <Button variant="default" loading={test.isPending} onClick={() => test.mutate(created.id)}>
              Send test event
            </Button>
          }
        />
      )}
    </Modal>
  );
}
