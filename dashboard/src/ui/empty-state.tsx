/** Fills a view without content: a sentence and the next step. */
import { Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

export function EmptyState({
  icon,
  title,
  children,
  action,
}: {
  icon?: ReactNode;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <Stack align="center" justify="center" gap="sm" p="xl" mih={240} h="100%">
      {icon}
      <Title order={2} ta="center">
        {title}
      </Title>
      {children !== undefined && (
        <Text component="div" size="sm" c="dimmed" ta="center" maw={440}>
          {children}
        </Text>
      )}
      {action}
    </Stack>
  );
}
