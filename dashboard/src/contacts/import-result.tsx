/** Shows the result of an import. */
import { Button, Group, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { ContactImport } from '../api/types.ts';
import { Fact, Facts } from '../ui/facts.tsx';
import { SkippedRows } from './skipped-rows.tsx';

export function ImportResult({ result, again }: { result: ContactImport; again: ReactNode }) {
  const { created, updated, unchanged, skippedCount } = result;
  return (
    <Stack gap="lg" mt="lg" role="status">
      <Facts>
        <Fact name="Added">{created.toLocaleString()}</Fact>
        <Fact name="Updated">{updated.toLocaleString()}</Fact>
        <Fact name="Unchanged">{unchanged.toLocaleString()}</Fact>
        <Fact name="Skipped">{skippedCount.toLocaleString()}</Fact>
      </Facts>
      <SkippedRows {...result} title="Skipped lines" />
      <Group gap="sm">
        <Button component={Link} href="/">
          Show contacts
        </Button>
        {again}
      </Group>
    </Stack>
  );
}
