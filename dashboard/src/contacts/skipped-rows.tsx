/** Lists the lines of a file that were not imported, with the reason of each one. */
import type { ContactImport } from '../api/types.ts';
import { Section } from '../ui/page.tsx';
import styles from './contacts.module.css';

interface Props extends Pick<ContactImport, 'skipped' | 'skippedCount'> {
  title: string;
}

export function SkippedRows({ skipped, skippedCount, title }: Props) {
  if (skippedCount === 0) return null;
  const more = skippedCount - skipped.length;
  return (
    <Section
      title={title}
      about="Correct these lines in the file and import it again: contacts are not added twice."
    >
      <ol className={styles.skipped}>
        {skipped.map(({ line, reason }) => (
          <li key={line}>
            <span className={styles.line}>Line {line.toLocaleString()}</span>
            {reason}
          </li>
        ))}
      </ol>
      {more > 0 && <p className={styles.meta}>And {more.toLocaleString()} more.</p>}
    </Section>
  );
}
