/** Shows the settings: their navigation beside one part, or a list of the parts first if the page is narrow. */
import IconBack from 'icon:arrow-left';
import IconNext from 'icon:chevron-right';
import { Title } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { Link, Redirect, Route, Switch, useLocation } from 'wouter';
import { useTitle } from '../live/notifications.ts';
import { useIsOwner } from '../session/session.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { SECTIONS, type SettingsSection } from './sections.ts';
import styles from './settings.module.css';

const NARROW = '(max-width: 1023px)';

export default function SettingsPage() {
  const isNarrow = useMediaQuery(NARROW, matchMedia(NARROW).matches);
  const isOwner = useIsOwner();
  const sections = SECTIONS.filter(({ isForOwners }) => isOwner || isForOwners !== true);
  return (
    <div className={styles.layout}>
      {!isNarrow && <SectionLinks sections={sections} />}
      <div className={styles.content}>
        <Switch>
          <Route path="/">
            {isNarrow ? <SectionList sections={sections} /> : <Redirect to="/account" replace />}
          </Route>
          {sections.map(({ path, page: Part }) => (
            <Route key={path} path={path}>
              {isNarrow && (
                <Link href="/" className={styles.back}>
                  <IconBack size={16} />
                  Settings
                </Link>
              )}
              <Part />
            </Route>
          ))}
          <Route>
            <EmptyState title="This page does not exist">Choose a part of the settings.</EmptyState>
          </Route>
        </Switch>
      </div>
    </div>
  );
}

function SectionLinks({ sections }: { sections: readonly SettingsSection[] }) {
  const [location] = useLocation();
  return (
    <nav className={styles.links} aria-label="Settings">
      <ul>
        {sections.map(({ path, name, icon: Icon }) => (
          <li key={path}>
            <Link
              href={path}
              className={styles.link}
              aria-current={location.startsWith(path) ? 'page' : undefined}
            >
              <Icon size={16} />
              {name}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function SectionList({ sections }: { sections: readonly SettingsSection[] }) {
  useTitle('Settings');
  return (
    <nav className={styles.list} aria-label="Settings">
      <Title order={1}>Settings</Title>
      <ul>
        {sections.map(({ path, name, icon: Icon }) => (
          <li key={path}>
            <Link href={path} className={styles.row}>
              <Icon size={20} />
              <span>{name}</span>
              <IconNext size={16} />
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
