/** Shows the reactions over the upper corner of a bubble, equal ones together. A click removes the own one. */
import type { Reaction } from '../../api/types.ts';
import { useCanWrite } from '../../session/session.tsx';
import { formatHandle } from '../../ui/format-handle.ts';
import type { ShownMessage } from './pending-changes.ts';
import styles from './reactions.module.css';
import { tapbackOf } from './tapbacks.ts';
import { useOpenConversation } from './thread-context.tsx';

export function Reactions({ message }: { message: ShownMessage }) {
  const { actions } = useOpenConversation();
  const canWrite = useCanWrite();
  const { pendingReaction } = message;
  const groups = Map.groupBy(message.reactions, ({ reaction }) => reaction);
  return (
    <ul className={styles.reactions} aria-label="Reactions">
      {[...groups].map(([reaction, same]) => {
        const own = same.find(({ isOwn }) => isOwn);
        const count = same.length > 1 ? ` ${same.length}` : '';
        const text = `${nameOf(reaction)}${count}: ${same.map(who).join(', ')}`;
        const content = (
          <>
            <Glyph reaction={reaction} />
            {same.length > 1 && <span className={styles.count}>{same.length}</span>}
          </>
        );
        return (
          <li key={reaction}>
            {own !== undefined && canWrite ? (
              <button
                type="button"
                className={styles.reaction}
                data-own
                title={text}
                aria-label={`${text}. Remove your reaction`}
                onClick={() => actions.unreact(message, own.id)}
              >
                {content}
              </button>
            ) : (
              <span
                className={styles.reaction}
                data-own={own !== undefined || undefined}
                title={text}
                role="img"
                aria-label={text}
              >
                {content}
              </span>
            )}
          </li>
        );
      })}
      {pendingReaction !== null && (
        <li key="pending">
          <button
            type="button"
            className={styles.reaction}
            data-own
            data-pending
            title="Waiting for the device"
            aria-label={`${nameOf(pendingReaction.reaction)}: waiting for the device. Remove your reaction`}
            onClick={() => actions.unreact(message, pendingReaction.id)}
          >
            <Glyph reaction={pendingReaction.reaction} />
          </button>
        </li>
      )}
    </ul>
  );
}

export function Glyph({ reaction }: { reaction: string }) {
  const Icon = tapbackOf(reaction)?.icon;
  return Icon === undefined ? <span className={styles.emoji}>{reaction}</span> : <Icon size={16} />;
}

const nameOf = (reaction: string) => tapbackOf(reaction)?.name ?? reaction;
const who = ({ isOwn, contactName, handle }: Reaction) =>
  isOwn ? 'you' : (contactName ?? formatHandle(handle));
