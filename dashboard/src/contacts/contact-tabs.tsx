/** Links the lists of this view: contacts and opt-outs. */
import { Link, useLocation } from 'wouter';
import styles from './contacts.module.css';

const TABS = [
  { path: '/', name: 'All contacts' },
  { path: '/opt-outs', name: 'Opt-outs' },
];

export function ContactTabs() {
  const [location] = useLocation();
  return (
    <nav aria-label="Contacts" className={styles.tabs}>
      {TABS.map(({ path, name }) => (
        <Link
          key={path}
          href={path}
          className={styles.tab}
          aria-current={location === path ? 'page' : undefined}
        >
          {name}
        </Link>
      ))}
    </nav>
  );
}
