/** Shows the version of the broker, its disk and the way to the documentation. */
import { Anchor } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { BASE, request } from '../api/request.ts';
import type { About } from '../api/types.ts';
import { Fact, Facts } from '../ui/facts.tsx';
import { formatBytes } from '../ui/format-bytes.ts';
import { Page } from '../ui/page.tsx';
import { QueryView } from '../ui/query-view.tsx';
import { formatAge, Time } from '../ui/time.tsx';

const REFETCH_MS = 30_000;

export function AboutSettings() {
  const query = useQuery({
    queryKey: ['about'],
    queryFn: ({ signal }) => request<About>('GET', '/about', { signal }),
    refetchInterval: REFETCH_MS,
  });
  return (
    <Page title="About" about="The broker that serves this page.">
      <QueryView query={query}>
        {({ version, nodeVersion, platform, startedAt, uptimeMs, databaseBytes, disk }) => (
          <Facts>
            <Fact name="Homing">{version}</Fact>
            <Fact name="Node.js">{nodeVersion.replace(/^v/, '')}</Fact>
            <Fact name="Platform">{platform}</Fact>
            <Fact name="Running for">
              {formatAge(0, uptimeMs)}, since <Time at={startedAt} form="exact" />
            </Fact>
            <Fact name="Database" about="With its log and the stored attachments.">
              {formatBytes(databaseBytes)}
            </Fact>
            <Fact name="Disk">
              {formatBytes(disk.freeBytes)} free of {formatBytes(disk.totalBytes)}
            </Fact>
            <Fact name="Documentation">
              <Anchor href={`${BASE}/docs`} target="_blank" size="sm">
                Guides and API reference
              </Anchor>
            </Fact>
          </Facts>
        )}
      </QueryView>
    </Page>
  );
}
