/** Lists facts: a name and a value in each row. */
import type { ReactNode } from 'react';
import styles from './facts.module.css';

export function Facts({ children }: { children: ReactNode }) {
  return <dl className={styles.facts}>{children}</dl>;
}

/** For `Facts`, and for a `dl` of a page with its own layout. */
export function Fact({ name, about, children }: { name: string; about?: ReactNode; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {children}
        {about !== undefined && <div className={styles.about}>{about}</div>}
      </dd>
    </div>
  );
}
