/** Shows a status as an icon and a word in the colour of its meaning. */
import IconFailed from 'icon:alert-circle';
import IconWarning from 'icon:alert-triangle';
import IconDone from 'icon:circle-check';
import IconNeutral from 'icon:circle-dashed';
import IconWaiting from 'icon:clock';
import type { ReactNode } from 'react';
import styles from './status.module.css';

export type StatusKind = 'good' | 'waiting' | 'warning' | 'bad' | 'neutral';

const ICONS = {
  good: IconDone,
  waiting: IconWaiting,
  warning: IconWarning,
  bad: IconFailed,
  neutral: IconNeutral,
};

interface Props {
  kind: StatusKind;
  /** Replaces the icon of the kind. */
  icon?: (props: { size?: number }) => ReactNode;
  /** Wraps, unlike the word of a state. */
  isSentence?: boolean;
  children: ReactNode;
}

export function Status({ kind, icon: Icon = ICONS[kind], isSentence, children }: Props) {
  return (
    <span className={styles.status} data-kind={kind} data-sentence={isSentence || undefined}>
      <Icon size={16} />
      {children}
    </span>
  );
}
