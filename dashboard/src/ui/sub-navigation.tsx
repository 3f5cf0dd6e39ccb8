/** Links to the parts of a view, as tabs. Each part has an address. */
import { Link, useLocation } from 'wouter';
import styles from './sub-navigation.module.css';

export interface Part {
  /** Address within the view, such as `/keys`. */
  path: string;
  name: string;
}

export function SubNavigation({ label, parts }: { label: string; parts: readonly Part[] }) {
  const [location] = useLocation();
  return (
    <nav aria-label={label} className={styles.parts}>
      {parts.map(({ path, name }) => {
        const isCurrent = location === path || location.startsWith(`${path}/`);
        return (
          <Link key={path} href={path} aria-current={isCurrent ? 'page' : undefined}>
            {name}
          </Link>
        );
      })}
    </nav>
  );
}
