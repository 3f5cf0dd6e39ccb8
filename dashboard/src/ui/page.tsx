/** Lays out a view: its title, actions and content. */
import { Title } from '@mantine/core';
import { type ReactNode, useId } from 'react';
import { useTitle } from '../live/notifications.ts';
import styles from './page.module.css';

interface Props {
  title: string;
  /** A sentence below the title, for a view that needs one. */
  about?: ReactNode;
  actions?: ReactNode;
  /** Tabs or filters below the title. */
  toolbar?: ReactNode;
  children: ReactNode;
}

export function Page({ title, about, actions, toolbar, children }: Props) {
  useTitle(title);
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <div className={styles.title}>
          <Title order={1}>{title}</Title>
          {about !== undefined && <p className={styles.about}>{about}</p>}
        </div>
        {actions !== undefined && <div className={styles.actions}>{actions}</div>}
      </header>
      {toolbar !== undefined && <div className={styles.toolbar}>{toolbar}</div>}
      {children}
    </div>
  );
}

/** A part of a view with its own heading. */
export function Section({
  title,
  about,
  actions,
  children,
}: {
  title: string;
  about?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}) {
  const id = useId();
  return (
    <section className={styles.section} aria-labelledby={id}>
      <div className={styles.sectionHead}>
        <div className={styles.title}>
          <Title order={2} id={id}>
            {title}
          </Title>
          {about !== undefined && <p className={styles.about}>{about}</p>}
        </div>
        {actions !== undefined && <div className={styles.actions}>{actions}</div>}
      </div>
      {children}
    </section>
  );
}
