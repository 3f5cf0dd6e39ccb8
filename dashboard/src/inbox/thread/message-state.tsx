/** Describes the state of a message: a word, an icon and the time. */
import IconFailed from 'icon:alert-circle';
import IconSent from 'icon:check';
import IconDelivered from 'icon:checks';
import IconWaiting from 'icon:clock';
import type { ReactNode } from 'react';
import type { Message } from '../../api/types.ts';
import { useCanWrite } from '../../session/session.tsx';
import { formatMoment, Time, useNow } from '../../ui/time.tsx';
import styles from './bubble.module.css';

export function MessageState({ message, onSendAgain }: { message: Message; onSendAgain(): void }) {
  const canWrite = useCanWrite();
  if (message.direction === 'inbound') {
    return (
      <div className={styles.state}>
        <Time at={message.createdAt} form="clock" />
      </div>
    );
  }
  if (message.status === 'failed') {
    return (
      <div className={styles.state} data-kind="failed">
        <IconFailed size={16} />
        <span>
          Not sent: {message.error?.message ?? 'unknown reason'}{' '}
          {canWrite && (
            <button type="button" className={styles.action} onClick={onSendAgain}>
              Try again
            </button>
          )}
        </span>
      </div>
    );
  }
  return <Progress message={message} />;
}

function Progress({ message }: { message: Message }) {
  const now = useNow();
  const { status, wait, sendAt, service, readAt, cancelRequestedAt, createdAt } = message;
  const [icon, text, kind]: [ReactNode, string, string?] =
    cancelRequestedAt !== null && (status === 'queued' || status === 'polling')
      ? [<IconWaiting key="i" size={16} />, 'Cancelling', 'waiting']
      : status === 'queued' && sendAt !== null && sendAt > now
        ? [<IconWaiting key="i" size={16} />, `Scheduled for ${formatMoment(sendAt, now)}`, 'waiting']
        : status === 'queued' && wait !== null
          ? [<IconWaiting key="i" size={16} />, waitText(wait, now), 'waiting']
          : status === 'queued'
            ? [<IconWaiting key="i" size={16} />, 'Queued']
            : status === 'polling'
              ? [<IconWaiting key="i" size={16} />, 'Sending']
              : readAt !== null
                ? [
                    <IconDelivered key="i" size={16} color="var(--blue)" />,
                    `Read ${formatMoment(readAt, now)}`,
                  ]
                : status === 'delivered'
                  ? [<IconDelivered key="i" size={16} />, 'Delivered']
                  : [<IconSent key="i" size={16} />, 'Sent'];
  return (
    <div className={styles.state} data-kind={kind}>
      {icon}
      <span>
        {text}
        {SERVICE_NAMES[service ?? ''] !== undefined && ` · ${SERVICE_NAMES[service ?? '']}`}
      </span>
      {kind !== 'waiting' && (
        <>
          <span aria-hidden="true">·</span>
          <Time at={createdAt} form="clock" />
        </>
      )}
    </div>
  );
}

const SERVICE_NAMES: Record<string, string> = { sms: 'SMS', rcs: 'RCS', whatsapp: 'WhatsApp' };

function waitText({ message, until }: NonNullable<Message['wait']>, now: number): string {
  const reason = message.replace(/\.$/, '');
  return until === null ? `Waiting: ${reason}` : `Waiting until ${formatMoment(until, now)}: ${reason}`;
}
