/** Lists the calls of tools by assistants, newest first, with their parameters. */
import { Accordion, Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { BASE } from '../api/request.ts';
import type { ToolCallList } from '../api/types.ts';
import { useEnvironment, useTenantRequest } from '../shell/environment.tsx';
import { CodeBlock } from '../ui/code.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Section } from '../ui/page.tsx';
import { prettyJson } from '../ui/pretty-json.ts';
import { QueryView } from '../ui/query-view.tsx';
import { ShowMore } from '../ui/show-more.tsx';
import { Status, type StatusKind } from '../ui/status.tsx';
import { Time } from '../ui/time.tsx';
import styles from './developers.module.css';

type Call = ToolCallList['calls'][number];

const PAGE = 50;
const OUTCOMES: Record<Call['outcome'], { kind: StatusKind; name: string }> = {
  ok: { kind: 'good', name: 'Done' },
  failed: { kind: 'bad', name: 'Failed' },
  refused: { kind: 'warning', name: 'Rejected' },
  timed_out: { kind: 'bad', name: 'Timed out' },
};
const ROUTES: Record<Call['through'], string> = { mcp: 'MCP', rest: 'REST', stdio: 'local MCP' };

export function ToolCalls() {
  const environment = useEnvironment();
  const send = useTenantRequest();
  const query = useInfiniteQuery({
    queryKey: [environment, 'tool-calls'],
    queryFn: ({ pageParam, signal }) =>
      send<ToolCallList>('GET', '/tool-calls', { query: { cursor: pageParam, limit: PAGE }, signal }),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next ?? undefined,
  });
  return (
    <Section
      title="MCP calls"
      about="Each call of a tool by an assistant (MCP), also the rejected ones, with what it asked for."
      actions={
        <Button variant="default" loading={query.isRefetching} onClick={() => void query.refetch()}>
          Refresh
        </Button>
      }
    >
      <QueryView query={query}>
        {({ pages }) => {
          const calls = pages.flatMap((page) => page.calls);
          if (calls.length === 0)
            return (
              <EmptyState
                title="No calls yet"
                action={
                  <Button
                    component="a"
                    variant="default"
                    href={`${BASE}/docs/guides/assistants`}
                    target="_blank"
                  >
                    Connect an assistant
                  </Button>
                }
              >
                An assistant such as Claude can read and send messages for you.
              </EmptyState>
            );
          return (
            <div className={styles.more}>
              <Accordion variant="default" chevronPosition="left">
                {calls.map((call) => (
                  <ToolCall key={call.id} call={call} />
                ))}
              </Accordion>
              <ShowMore pages={query} />
            </div>
          );
        }}
      </QueryView>
    </Section>
  );
}

function ToolCall({ call }: { call: Call }) {
  const { id, at, tool, through, keyLabel, outcome, errorCode, durationMs, params } = call;
  const { kind, name } = OUTCOMES[outcome];
  return (
    <Accordion.Item value={id}>
      <Accordion.Control>
        <span className={styles.row}>
          <span className={styles.rowStatus}>
            <Status kind={kind}>{name}</Status>
          </span>
          <code className={styles.rowMain}>{tool}</code>
          <span className={styles.rowMeta}>
            {durationMs.toLocaleString()} ms · <Time at={at} />
          </span>
        </span>
      </Accordion.Control>
      <Accordion.Panel>
        <p className={styles.note}>
          By {keyLabel === null ? 'the command line' : `the key “${keyLabel}”`}, over {ROUTES[through]},{' '}
          <Time at={at} form="exact" />
          {errorCode !== null && (
            <>
              . Error: <code>{errorCode}</code>
            </>
          )}
        </p>
        <CodeBlock text={prettyJson(params)} label="Parameters" />
      </Accordion.Panel>
    </Accordion.Item>
  );
}
