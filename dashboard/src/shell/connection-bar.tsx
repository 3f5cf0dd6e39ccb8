/** Says that the broker does not respond, while the page shows the loaded data. */
import styles from './bars.module.css';

export function ConnectionBar({ state }: { state: 'connected' | 'lost' }) {
  return (
    <div role="status">
      {state === 'lost' && (
        <div className={styles.bar} data-kind="offline">
          No connection to the broker. Trying again…
        </div>
      )}
    </div>
  );
}
