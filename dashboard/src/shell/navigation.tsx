/** Links to the views: a column, a narrow column below 1,200 px, and a bar at the bottom on a phone. */

import IconMore from 'icon:dots';
import IconSandbox from 'icon:test-pipe';
import { Menu, Tooltip, UnstyledButton } from '@mantine/core';
import { Link, useLocation, useRouter } from 'wouter';
import { useTitleCount } from '../live/notifications.ts';
import { PAGE_BASE, SANDBOX_PREFIX } from '../routes.ts';
import { useEnvironment } from './environment.tsx';
import { MemberMenu } from './member-menu.tsx';
import styles from './navigation.module.css';
import { useUnreadCount } from './unread.ts';
import { VIEWS, type View } from './views.ts';

export function Navigation() {
  const environment = useEnvironment();
  useTitleCount(useUnreadCount());
  return (
    <nav className={styles.navigation} aria-label="Views">
      <div className={styles.brand}>
        <img src="./icon.svg" alt="" width={24} height={24} />
        <span className={styles.label}>Homing</span>
      </div>
      <ul className={styles.views}>
        {VIEWS.map((view) => (
          <li key={view.path} data-frequent={view.isFrequent || undefined}>
            <ViewLink view={view} />
          </li>
        ))}
        <li className={styles.more}>
          <MoreMenu />
        </li>
      </ul>
      <div className={styles.foot}>
        <a
          className={styles.item}
          href={environment === 'test' ? `${PAGE_BASE}/` : `${PAGE_BASE}${SANDBOX_PREFIX}/`}
        >
          <IconSandbox size={20} />
          <span className={styles.label}>{environment === 'test' ? 'Leave sandbox' : 'Sandbox'}</span>
        </a>
        <MemberMenu />
      </div>
    </nav>
  );
}

function ViewLink({ view: { path, name, icon: Icon } }: { view: View }) {
  const [location] = useLocation();
  const isCurrent = location === path || location.startsWith(`${path}/`);
  const unread = useUnreadCount();
  const badge = path === '/inbox' && unread > 0 ? (unread > 99 ? '99+' : String(unread)) : undefined;
  return (
    <Tooltip label={name} position="right" events={{ hover: true, focus: false, touch: false }}>
      <Link href={path} className={styles.item} aria-current={isCurrent ? 'page' : undefined}>
        <Icon size={20} />
        <span className={styles.label}>{name}</span>
        {badge !== undefined && (
          <span className={styles.badge}>
            {badge}
            <span className="visually-hidden"> unread</span>
          </span>
        )}
      </Link>
    </Tooltip>
  );
}

function MoreMenu() {
  const [, navigate] = useLocation();
  const { base } = useRouter();
  const environment = useEnvironment();
  return (
    <Menu position="top-end" withinPortal>
      <Menu.Target>
        <UnstyledButton className={styles.item} aria-label="More views">
          <IconMore size={20} />
          <span className={styles.label}>More</span>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        {VIEWS.filter((view) => !view.isFrequent).map(({ path, name, icon: Icon }) => (
          <Menu.Item
            key={path}
            component="a"
            href={base + path}
            leftSection={<Icon size={16} />}
            onClick={(event) => {
              event.preventDefault();
              navigate(path);
            }}
          >
            {name}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item
          component="a"
          href={environment === 'test' ? `${PAGE_BASE}/` : `${PAGE_BASE}${SANDBOX_PREFIX}/`}
          leftSection={<IconSandbox size={16} />}
        >
          {environment === 'test' ? 'Leave sandbox' : 'Sandbox'}
        </Menu.Item>
        <MemberMenu.Items />
      </Menu.Dropdown>
    </Menu>
  );
}
