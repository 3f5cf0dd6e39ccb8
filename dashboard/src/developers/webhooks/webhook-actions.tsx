/** Changes a webhook: test event, settings, pause, replay, secret and deletion. */
import IconMore from 'icon:dots';
import { ActionIcon, Button, Menu } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation } from 'wouter';
import type { Delivery, Webhook } from '../../api/types.ts';
import { useIsOwner } from '../../session/session.tsx';
import { useTenantRequest } from '../../shell/environment.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { showDone, showProblem } from '../../ui/toasts.tsx';
import styles from '../developers.module.css';
import { ChangeDialog } from './change-dialog.tsx';
import { ReplayDialog } from './replay-dialog.tsx';
import { RotateDialog } from './rotate-dialog.tsx';
import { useRefreshWebhooks } from './use-webhooks.ts';

export function WebhookActions({ webhook }: { webhook: Webhook }) {
  const { id, url, isActive } = webhook;
  const [open, setOpen] = useState<'change' | 'replay' | 'rotate' | 'delete'>();
  const [, navigate] = useLocation();
  const isOwner = useIsOwner();
  const send = useTenantRequest();
  const refresh = useRefreshWebhooks();
  const test = useMutation({
    mutationFn: () => send<Delivery>('POST', `/webhooks/${id}/test`),
    onSuccess: () => {
      showDone('Test event queued. It appears in the deliveries.');
      void refresh();
    },
    onError: showProblem,
  });
  if (!isOwner) return null;
  const setActive = (value: boolean) =>
    send('PATCH', `/webhooks/${id}`, { body: { isActive: value } })
      .then(refresh)
      .catch(showProblem);
  const pause = () =>
    setActive(false).then(() =>
      showDone(
        'Paused. Replay the events of the pause when you activate it again.',
        () => void setActive(true),
      ),
    );
  const close = () => setOpen(undefined);
  return (
    <div className={styles.actions}>
      <Button variant="default" loading={test.isPending} onClick={() => test.mutate()}>
        Send test event
      </Button>
      <Button variant="default" onClick={() => setOpen('change')}>
        Change
      </Button>
      {isActive ? (
        <Button variant="default" onClick={() => void pause()}>
          Pause
        </Button>
      ) : (
        <Button onClick={() => void setActive(true)}>Activate</Button>
      )}
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon aria-label="More actions" size={36} variant="default">
            <IconMore size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => setOpen('replay')}>Replay events</Menu.Item>
          <Menu.Item onClick={() => setOpen('rotate')}>Replace the secret</Menu.Item>
          <Menu.Divider />
          <Menu.Item color="red" onClick={() => setOpen('delete')}>
            Delete webhook
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {open === 'change' && <ChangeDialog webhook={webhook} onClose={close} />}
      {open === 'replay' && <ReplayDialog id={id} onClose={close} />}
      {open === 'rotate' && <RotateDialog id={id} onClose={close} />}
      {open === 'delete' && (
        <Confirm
          title="Delete this webhook?"
          action="Delete webhook"
          onClose={close}
          run={() =>
            send('DELETE', `/webhooks/${id}`).then(() => {
              navigate('/webhooks');
              void refresh();
            })
          }
        >
          {url} receives no further events, and the list of its deliveries is deleted. Its secret cannot be
          restored.
        </Confirm>
      )}
    </div>
  );
}
