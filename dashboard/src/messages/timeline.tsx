/** Shows the steps of a message from top to bottom, each with its time and the time since the step before. */
import IconFailed from 'icon:alert-circle';
import IconReturned from 'icon:arrow-back-up';
import IconSent from 'icon:check';
import IconDelivered from 'icon:checks';
import IconAccepted from 'icon:circle-check';
import IconWaiting from 'icon:clock';
import IconDispatched from 'icon:device-mobile';
import IconEdited from 'icon:edit';
import IconRead from 'icon:eye';
import IconReaction from 'icon:heart';
import IconReceived from 'icon:inbox';
import IconAction from 'icon:message-cog';
import IconCancel from 'icon:x';
import type { ComponentType, ReactNode, SVGProps } from 'react';
import type { Message, TimelineEntry } from '../api/types.ts';
import { formatDuration } from '../ui/format-duration.ts';
import { formatExact, Time } from '../ui/time.tsx';
import { SERVICE_NAMES } from './service-names.ts';
import styles from './timeline.module.css';

type Icon = ComponentType<SVGProps<SVGSVGElement> & { size?: number }>;

const STEPS: Record<TimelineEntry['kind'], { name: string; icon: Icon; kind?: 'good' | 'bad' | 'waiting' }> =
  {
    accepted: { name: 'Accepted', icon: IconAccepted },
    waiting: { name: 'Waiting', icon: IconWaiting, kind: 'waiting' },
    dispatched: { name: 'Dispatched', icon: IconDispatched },
    requeued: { name: 'Returned to the queue', icon: IconReturned, kind: 'waiting' },
    sending: { name: 'Sending', icon: IconDispatched },
    sent: { name: 'Sent', icon: IconSent, kind: 'good' },
    delivered: { name: 'Delivered', icon: IconDelivered, kind: 'good' },
    read: { name: 'Read', icon: IconRead, kind: 'good' },
    failed: { name: 'Failed', icon: IconFailed, kind: 'bad' },
    received: { name: 'Received', icon: IconReceived },
    imported: { name: 'Imported from the history of the Mac', icon: IconReceived },
    edited: { name: 'Edited by the sender', icon: IconEdited },
    retracted: { name: 'Unsent by the sender', icon: IconCancel },
    reaction: { name: 'Reaction', icon: IconReaction },
    action: { name: 'Change', icon: IconAction },
    cancel_requested: { name: 'Cancellation requested', icon: IconCancel, kind: 'waiting' },
  };

export function Timeline({ entries, message }: { entries: readonly TimelineEntry[]; message: Message }) {
  return (
    <ol className={styles.timeline}>
      {entries.map((entry, index) => {
        const { name, icon: Icon, kind } = STEPS[entry.kind];
        const before = entries[index - 1];
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: steps are only added at the end
          <li key={index} className={styles.step} data-kind={kind}>
            <span className={styles.icon}>
              <Icon size={16} />
            </span>
            <div className={styles.text}>
              <div className={styles.name}>
                {name}
                <Suffix entry={entry} />
              </div>
              <Detail entry={entry} message={message} />
            </div>
            <div className={styles.time}>
              <Time at={entry.at} form="clock" />
              {before !== undefined && entry.at >= before.at && (
                <span className={styles.since} title={formatExact(entry.at)}>
                  +{formatDuration(entry.at - before.at)}
                </span>
              )}
            </div>
          </li>
        );
      })}
    </ol>
  );
}

const ACTIONS: Record<string, string> = {
  react: 'reaction',
  unreact: 'removal of a reaction',
  edit: 'edit',
  unsend: 'unsending',
};
const ACTION_STATES: Record<string, string> = { polling: 'dispatched', sent: 'done' };

function Suffix({ entry }: { entry: TimelineEntry }): ReactNode {
  const { kind, device, service, attempt, detail } = entry;
  if (kind === 'action') {
    const state = String(detail.state);
    return `: ${ACTIONS[String(detail.kind)] ?? String(detail.kind)}, ${ACTION_STATES[state] ?? state}`;
  }
  if (kind === 'dispatched') {
    const which = device === null ? '' : ` to ${device.name}`;
    return attempt !== null && attempt > 1 ? `${which}, attempt ${attempt}` : which;
  }
  if (kind === 'sent' && service !== null) return ` as ${SERVICE_NAMES[service] ?? service}`;
  return null;
}

function Detail({ entry, message }: { entry: TimelineEntry; message: Message }) {
  const { kind, wait, detail } = entry;
  if (kind === 'waiting' && wait !== null)
    return (
      <div className={styles.detail}>
        {wait.message} {wait.until !== null && <>Until {formatExact(wait.until)}.</>}
      </div>
    );
  if (kind === 'failed')
    return (
      <div className={styles.detail}>
        {message.error?.message ?? String(detail.message ?? detail.code ?? '')}
      </div>
    );
  if (kind === 'edited' && typeof detail.before === 'string')
    return <div className={styles.detail}>Before: “{detail.before}”</div>;
  if (kind === 'action')
    return detail.value === undefined ? null : <div className={styles.detail}>{String(detail.value)}</div>;
  if (kind === 'reaction')
    return <div className={styles.detail}>{String(detail.reaction ?? detail.kind ?? '')}</div>;
  const reason = detail.reason ?? detail.message;
  return reason === undefined ? null : (
    <div className={styles.detail}>{String(reason).replaceAll('_', ' ')}</div>
  );
}
