/** Says how the message would be sent: segments as SMS, cost, and why and until when it would wait. */
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { countSegments } from '../../../../shared/sms-segments.ts';
import { RequestError } from '../../api/request.ts';
import type { SendPreview as Preview } from '../../api/types.ts';
import { useEnvironment, useTenantRequest } from '../../shell/environment.tsx';
import { formatMoment, useNow } from '../../ui/time.tsx';
import type { Target } from '../thread/use-send.ts';
import styles from './composer.module.css';

interface Props {
  target: Target;
  text: string;
  hasMedia: boolean;
  sendAt: number | null;
  /** The reason for which the broker rejects every message. */
  rejection: string | undefined;
}

/** A preview takes the write lock of the database, so it waits for a pause in typing. */
const PAUSE_MS = 800;

export function SendPreview({ target, text, hasMedia, sendAt, rejection }: Props) {
  const environment = useEnvironment();
  const send = useTenantRequest();
  const now = useNow();
  const isEmpty = text.trim() === '' && !hasMedia;
  const segments = isEmpty ? 0 : countSegments(text);
  // The broker's response depends on the number of segments, not on each letter.
  const [settled] = useDebouncedValue(segments, PAUSE_MS);
  const { data, error } = useQuery({
    queryKey: [environment, 'preview', target, settled, hasMedia, sendAt],
    queryFn: ({ signal }) =>
      send<Preview>('POST', '/messages/preview', {
        body: { ...target, content: text.trim() === '' ? 'x' : text, sendAt: sendAt ?? undefined },
        signal,
      }),
    enabled: settled > 0 && rejection === undefined,
    staleTime: 20_000,
    gcTime: 60_000,
    retry: false,
  });
  if (rejection !== undefined)
    return (
      <div className={styles.preview} data-kind="failed">
        {rejection}
      </div>
    );
  if (isEmpty) return <div className={styles.preview} />;
  if (error instanceof RequestError && error.status !== 0)
    return (
      <div className={styles.preview} data-kind="failed">
        {error.message}
      </div>
    );
  const rejected = data?.error ?? null;
  if (rejected !== null)
    return (
      <div className={styles.preview} data-kind="failed">
        {rejected.message} {rejected.fix}
      </div>
    );
  const parts: string[] = [];
  if (sendAt !== null) parts.push(`Will be sent at ${formatMoment(sendAt, now)}`);
  if (segments > 1) parts.push(`${segments} segments as SMS`);
  if (data !== undefined && data.costCents > 0) parts.push(`costs ${(data.costCents / 100).toFixed(2)} USD`);
  const wait = sendAt === null ? (data?.wait ?? null) : null;
  if (wait !== null) {
    const reason = wait.message.replace(/\.$/, '');
    parts.unshift(
      wait.until === null
        ? `Will wait: ${reason}`
        : `Will wait until ${formatMoment(wait.until, now)}: ${reason}`,
    );
  }
  return (
    <div className={styles.preview} data-kind={wait === null ? undefined : 'waiting'} aria-live="polite">
      {parts.join(' · ')}
    </div>
  );
}
