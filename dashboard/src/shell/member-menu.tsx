/** Shows the signed-in member, the colour scheme and the way out. */

import IconDocs from 'icon:book';
import IconAuto from 'icon:brightness-auto';
import IconKeyboard from 'icon:keyboard';
import IconSignOut from 'icon:logout';
import IconDark from 'icon:moon';
import IconLight from 'icon:sun';
import IconMember from 'icon:user-circle';
import { Menu, UnstyledButton, useMantineColorScheme } from '@mantine/core';
import { BASE, request } from '../api/request.ts';
import { removeDrafts } from '../inbox/composer/drafts.ts';
import { PAGE_BASE } from '../routes.ts';
import { useSession } from '../session/session.tsx';
import { useKeyboard } from './keyboard.tsx';
import styles from './navigation.module.css';

const SCHEMES = [
  { scheme: 'auto', name: 'Like the system', icon: IconAuto },
  { scheme: 'light', name: 'Light', icon: IconLight },
  { scheme: 'dark', name: 'Dark', icon: IconDark },
] as const;

export function MemberMenu() {
  const { member } = useSession();
  return (
    <Menu position="right-end" withinPortal>
      <Menu.Target>
        <UnstyledButton className={styles.item} aria-label={`${member.name}: account menu`}>
          <IconMember size={20} />
          <span className={styles.label}>{member.name}</span>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <MemberMenu.Items />
      </Menu.Dropdown>
    </Menu>
  );
}

MemberMenu.Items = function MemberMenuItems() {
  const { member } = useSession();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const { showShortcuts } = useKeyboard();
  const signOut = async () => {
    await request('POST', '/sign-out', { body: {} });
    removeDrafts();
    location.replace(`${PAGE_BASE}/sign-in`);
  };
  return (
    <>
      <Menu.Label>{member.email}</Menu.Label>
      {SCHEMES.map(({ scheme, name, icon: Icon }) => (
        <Menu.Item
          key={scheme}
          role="menuitemradio"
          aria-checked={colorScheme === scheme}
          leftSection={<Icon size={16} />}
          rightSection={colorScheme === scheme ? '✓' : undefined}
          onClick={() => setColorScheme(scheme)}
        >
          {name}
        </Menu.Item>
      ))}
      <Menu.Divider />
      <Menu.Item leftSection={<IconKeyboard size={16} />} onClick={showShortcuts}>
        Keyboard shortcuts
      </Menu.Item>
      <Menu.Item component="a" href={`${BASE}/docs`} target="_blank" leftSection={<IconDocs size={16} />}>
        Documentation
      </Menu.Item>
      <Menu.Item leftSection={<IconSignOut size={16} />} onClick={() => void signOut()}>
        Sign out
      </Menu.Item>
    </>
  );
};
