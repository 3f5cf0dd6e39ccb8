/** Fills a view that could not be loaded. */

import IconAlert from 'icon:alert-circle';
import { Button, Stack, Text } from '@mantine/core';
import { problemText } from './problem.tsx';

export function ErrorState({ error, retry }: { error: Error | null; retry(): void }) {
  return (
    <Stack align="center" justify="center" gap="sm" p="xl" h="100%" role="alert">
      <IconAlert size={20} color="var(--red)" />
      <Text ta="center" maw={420}>
        {error === null ? 'The page could not be loaded.' : problemText(error)}
      </Text>
      <Button variant="default" onClick={retry}>
        Try again
      </Button>
    </Stack>
  );
}
