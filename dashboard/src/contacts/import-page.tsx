/** Imports a CSV file: choose it, check its contents, import it, see the result. */
import IconFile from 'icon:file-type-csv';
import { Button, FileButton, Group, Progress, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { upload } from '../api/request.ts';
import type { ContactImport, ContactImportPreview } from '../api/types.ts';
import { useCanWrite } from '../session/session.tsx';
import { useEnvironment } from '../shell/environment.tsx';
import { BackLink } from '../ui/back-link.tsx';
import { countOf } from '../ui/count-of.ts';
import { EmptyState } from '../ui/empty-state.tsx';
import { Page } from '../ui/page.tsx';
import { Problem } from '../ui/problem.tsx';
import { ImportPreview } from './import-preview.tsx';
import { ImportResult } from './import-result.tsx';

/** Share of the file that was sent; the broker then needs some seconds for a long file. */
interface Progressed {
  share: number;
}

export function ImportPage() {
  const canWrite = useCanWrite();
  return (
    <Page
      title="Import contacts"
      about="A CSV file of at most 5 MB and 50,000 contacts. Known contacts are updated, and no contact is deleted."
      toolbar={<BackLink href="/">All contacts</BackLink>}
    >
      {canWrite ? (
        <ImportSteps />
      ) : (
        <EmptyState title="You may not change contacts">Ask an owner.</EmptyState>
      )}
    </Page>
  );
}

function ImportSteps() {
  const environment = useEnvironment();
  const client = useQueryClient();
  const [progress, setProgress] = useState<Progressed>();
  const path = `/${environment}/contacts/import`;
  const preview = useMutation({
    mutationFn: (file: File) =>
      upload<ContactImportPreview>(`${path}/preview`, file, (share) => setProgress({ share })),
    onSettled: () => setProgress(undefined),
  });
  const run = useMutation({
    mutationFn: (file: File) => upload<ContactImport>(path, file, (share) => setProgress({ share })),
    onSuccess: () => {
      for (const topic of ['contacts', 'opt-outs', 'conversations'])
        void client.invalidateQueries({ queryKey: [environment, topic] });
    },
    onSettled: () => setProgress(undefined),
  });
  const file = preview.variables;
  const choose = (chosen: File | null) => {
    if (chosen === null) return;
    run.reset();
    preview.mutate(chosen);
  };
  const chooseButton = (label: string, variant: string) => (
    <FileButton accept=".csv,text/csv,text/plain" onChange={choose}>
      {(props) => (
        <Button
          {...props}
          variant={variant}
          disabled={progress !== undefined}
          leftSection={<IconFile size={16} />}
        >
          {label}
        </Button>
      )}
    </FileButton>
  );
  if (run.data !== undefined)
    return <ImportResult result={run.data} again={chooseButton('Choose another file', 'default')} />;
  return (
    <Stack gap="lg" mt="lg">
      <Problem error={run.error ?? preview.error} />
      {progress !== undefined && <Sending share={progress.share} isImport={run.isPending} />}
      {preview.data === undefined ? (
        <FormatHelp button={chooseButton('Choose a file', 'filled')} />
      ) : (
        <>
          <ImportPreview preview={preview.data} fileName={file?.name ?? ''} />
          <Group gap="sm">
            <Button
              disabled={preview.data.contactCount === 0}
              loading={run.isPending}
              onClick={() => file !== undefined && run.mutate(file)}
            >
              Import {countOf(preview.data.contactCount, 'contact')}
            </Button>
            {chooseButton('Choose another file', 'default')}
          </Group>
        </>
      )}
    </Stack>
  );
}

function Sending({ share, isImport }: { share: number; isImport: boolean }) {
  const isSent = share >= 1;
  const text = isImport ? (isSent ? 'Importing…' : 'Sending the file…') : 'Reading the file…';
  return (
    <div role="status">
      <Text size="sm" mb={4}>
        {text}
      </Text>
      <Progress value={isSent ? 100 : share * 100} animated={isSent} size={6} aria-label={text} />
    </div>
  );
}

function FormatHelp({ button }: { button: ReactNode }) {
  return (
    <Stack gap="md" align="flex-start" maw={640}>
      {button}
      <Text size="sm" c="dimmed">
        The first line names the columns. <code>phone_number</code> is required; <code>name</code> (or{' '}
        <code>first_name</code> and <code>last_name</code>), <code>email</code> and <code>opted_out</code> are
        recognised. Any other column becomes a custom field. You see the columns before anything is imported.
      </Text>
    </Stack>
  );
}
