/** Shows the erasures that run in the background. */
import { Loader } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ErasureList } from '../api/types.ts';
import { useEnvironment, useTenantRequest } from '../shell/environment.tsx';
import { countOf } from '../ui/count-of.ts';
import { formatHandle } from '../ui/format-handle.ts';
import styles from './contacts.module.css';

const POLL_MS = 2_000;

export function RunningErasures() {
  const environment = useEnvironment();
  const send = useTenantRequest();
  const { data } = useQuery({
    queryKey: [environment, 'contacts', 'erasures'],
    queryFn: ({ signal }) => send<ErasureList>('GET', '/erasures', { signal }),
    refetchInterval: ({ state }) => ((state.data?.erasures.length ?? 0) === 0 ? false : POLL_MS),
  });
  return (
    <div role="status">
      {data?.erasures.map(({ handle, erased }) => (
        <p key={handle} className={styles.erasure}>
          <Loader size={16} />
          Erasing the data of {formatHandle(handle)}: {countOf(erased, 'message')} so far.
        </p>
      ))}
    </div>
  );
}
