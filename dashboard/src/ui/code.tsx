/** Shows a value or a command to copy, such as a key. */

import styles from './code.module.css';
import { CopyButton } from './copy.tsx';

export function CodeLine({ text, label }: { text: string; label: string }) {
  return (
    <div className={styles.line}>
      <code className={styles.code}>{text}</code>
      <CopyButton text={text} label={label} />
    </div>
  );
}

/** Shows several lines, such as a payload. Long lines wrap. */
export function CodeBlock({ text, label }: { text: string; label: string }) {
  return (
    <div className={styles.block}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard scrolls it */}
      <section className={styles.pre} tabIndex={0} aria-label={label}>
        <pre>{text}</pre>
      </section>
      <div className={styles.copy}>
        <CopyButton text={text} label={`Copy: ${label}`} />
      </div>
    </div>
  );
}
