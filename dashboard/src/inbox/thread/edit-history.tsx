/** Shows the earlier texts of an edited message, newest first. */
import { Popover } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { Message, MessageDetail } from '../../api/types.ts';
import { useEnvironment, useTenantRequest } from '../../shell/environment.tsx';
import { QueryView } from '../../ui/query-view.tsx';
import { Time } from '../../ui/time.tsx';
import styles from './edit-history.module.css';

export function EditHistory({ message }: { message: Message }) {
  return (
    <Popover position="bottom" withinPortal trapFocus returnFocus width={260}>
      <Popover.Target>
        <button type="button" className={styles.edited}>
          Edited
        </button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Versions of the message">
        <Versions id={message.id} />
      </Popover.Dropdown>
    </Popover>
  );
}

function Versions({ id }: { id: string }) {
  const environment = useEnvironment();
  const send = useTenantRequest();
  const query = useQuery({
    queryKey: [environment, 'message', id],
    queryFn: ({ signal }) => send<MessageDetail>('GET', `/messages/${id}`, { signal }),
  });
  return (
    <QueryView query={query} rows={2}>
      {({ versions }) => (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a long history scrolls by the keyboard
        <ol className={styles.versions} tabIndex={0} aria-label="Versions, newest first">
          {versions.toReversed().map(({ at, kind, content }) => (
            <li key={`${at} ${kind}`}>
              <span className={styles.time}>
                {NAMES[kind]} · <Time at={at} form="clock" />
              </span>
              <span dir="auto">{content}</span>
            </li>
          ))}
        </ol>
      )}
    </QueryView>
  );
}

const NAMES = { original: 'Original', edited: 'Edited', unsent: 'Unsent' } as const;
