/** Says that the page shows the sandbox: nothing is sent to a phone. */
import { PAGE_BASE } from '../routes.ts';
import styles from './bars.module.css';

export function SandboxBanner() {
  return (
    <div className={styles.bar} data-kind="sandbox">
      Sandbox: messages go to test numbers only. <a href={`${PAGE_BASE}/`}>Leave sandbox</a>
    </div>
  );
}
