/** Lists the sessions of the signed-in member and ends them. */
import IconComputer from 'icon:device-desktop';
import IconPhone from 'icon:device-mobile';
import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { request } from '../api/request.ts';
import type { MemberSession, SessionList as Sessions } from '../api/types.ts';
import { Section } from '../ui/page.tsx';
import { QueryView } from '../ui/query-view.tsx';
import { Status } from '../ui/status.tsx';
import { Time } from '../ui/time.tsx';
import { showDone, showProblem } from '../ui/toasts.tsx';
import { browserName, isMobile } from './browser-name.ts';
import styles from './settings.module.css';

export function SessionList() {
  const query = useQuery({
    queryKey: ['sessions'],
    queryFn: ({ signal }) => request<Sessions>('GET', '/sessions', { signal }),
  });
  const hasOthers = (query.data?.sessions.length ?? 0) > 1;
  return (
    <Section
      title="Sessions"
      about="The browsers in which you are signed in. A session ends after 30 days without use."
      actions={hasOthers && <EndButton path="/sessions" done="Your other sessions have ended." isForAll />}
    >
      <QueryView query={query} rows={3}>
        {({ sessions }) => (
          <ul className={styles.rows} aria-label="Sessions">
            {sessions.map((session) => (
              <SessionRow key={session.id} session={session} />
            ))}
          </ul>
        )}
      </QueryView>
    </Section>
  );
}

function SessionRow({ session }: { session: MemberSession }) {
  const { id, isCurrent, createdAt, lastUsedAt, userAgent, address } = session;
  const Icon = isMobile(userAgent) ? IconPhone : IconComputer;
  const name = browserName(userAgent);
  return (
    <li className={styles.item}>
      <Icon size={20} />
      <div className={styles.itemText}>
        <span className={styles.name} title={userAgent}>
          {name}
        </span>
        <div className={styles.meta}>
          {address} · signed in <Time at={createdAt} />
          {!isCurrent && (
            <>
              {' · last used '}
              <Time at={lastUsedAt} />
            </>
          )}
        </div>
      </div>
      {isCurrent ? (
        <Status kind="good">This browser</Status>
      ) : (
        <EndButton path={`/sessions/${id}`} done={`The session of ${name} has ended.`} of={name} />
      )}
    </li>
  );
}

function EndButton({
  path,
  done,
  of,
  isForAll,
}: {
  path: string;
  done: string;
  of?: string;
  isForAll?: boolean;
}) {
  const client = useQueryClient();
  const end = useMutation({
    mutationFn: () => request('DELETE', path),
    onSuccess: () => {
      showDone(done);
      return client.invalidateQueries({ queryKey: ['sessions'] });
    },
    onError: showProblem,
  });
  return (
    <Button
      variant={isForAll ? 'default' : 'subtle'}
      color={isForAll ? undefined : 'red'}
      size={isForAll ? 'sm' : 'compact-sm'}
      loading={end.isPending}
      aria-label={of === undefined ? undefined : `End the session of ${of}`}
      onClick={() => end.mutate()}
    >
      {isForAll ? 'End all others' : 'End'}
    </Button>
  );
}
