/** Lays out the pages that are shown before signing in. */
import { Title } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import styles from './entry-page.module.css';

export function EntryPage({ title, children }: { title: string; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Homing`;
  }, [title]);
  return (
    <main className={styles.page}>
      <div className={styles.form}>
        <img src="./icon.svg" alt="" width={40} height={40} />
        <Title order={1} mt="md" mb="lg">
          {title}
        </Title>
        {children}
      </div>
    </main>
  );
}
