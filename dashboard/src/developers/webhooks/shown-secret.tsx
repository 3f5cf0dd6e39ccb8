/** Shows the secret of a webhook, which the broker returns only once. */
import IconWarning from 'icon:alert-triangle';
import { Anchor, Button, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { BASE } from '../../api/request.ts';
import { CodeLine } from '../../ui/code.tsx';
import { Status } from '../../ui/status.tsx';

export function ShownSecret({
  secret,
  children,
  actions,
  onClose,
}: {
  secret: string;
  children?: ReactNode;
  actions?: ReactNode;
  onClose(): void;
}) {
  return (
    <Stack gap="md">
      <Status kind="warning" icon={IconWarning}>
        Copy the secret now. It is not shown again.
      </Status>
      <CodeLine text={secret} label="Copy the secret" />
      <Text size="sm">
        Your program verifies with it that a request comes from this broker.{' '}
        <Anchor href={`${BASE}/docs/guides/receive`} target="_blank">
          Code for JavaScript and Python
        </Anchor>
      </Text>
      {children}
      <Group justify="flex-end">
        {actions}
        <Button onClick={onClose}>Done</Button>
      </Group>
    </Stack>
  );
}
