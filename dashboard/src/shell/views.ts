/** Lists the views of the page in the order of the navigation. */
import IconContacts from 'icon:address-book';
import IconDevelopers from 'icon:code';
import IconDevices from 'icon:device-mobile';
import IconInbox from 'icon:inbox';
import IconOverview from 'icon:layout-dashboard';
import IconMessages from 'icon:list-details';
import IconSettings from 'icon:settings';
import { type ComponentType, type LazyExoticComponent, lazy, type SVGProps } from 'react';

export interface View {
  path: string;
  name: string;
  /** Second key of the shortcut `g …`. */
  key: string;
  icon: ComponentType<SVGProps<SVGSVGElement> & { size?: number }>;
  /** Shown in the bar of a phone. */
  isFrequent: boolean;
  page: LazyExoticComponent<ComponentType>;
}

export const VIEWS: readonly View[] = [
  {
    ...{ path: '/overview', name: 'Overview', key: 'o', icon: IconOverview, isFrequent: true },
    page: lazy(() => import('../overview/overview-page.tsx')),
  },
  {
    ...{ path: '/inbox', name: 'Inbox', key: 'i', icon: IconInbox, isFrequent: true },
    page: lazy(() => import('../inbox/inbox-page.tsx')),
  },
  {
    ...{ path: '/messages', name: 'Messages', key: 'm', icon: IconMessages, isFrequent: true },
    page: lazy(() => import('../messages/messages-page.tsx')),
  },
  {
    ...{ path: '/devices', name: 'Devices', key: 'd', icon: IconDevices, isFrequent: true },
    page: lazy(() => import('../devices/devices-page.tsx')),
  },
  {
    ...{ path: '/contacts', name: 'Contacts', key: 'c', icon: IconContacts, isFrequent: false },
    page: lazy(() => import('../contacts/contacts-page.tsx')),
  },
  {
    ...{ path: '/developers', name: 'Developers', key: 'k', icon: IconDevelopers, isFrequent: false },
    page: lazy(() => import('../developers/developers-page.tsx')),
  },
  {
    ...{ path: '/settings', name: 'Settings', key: 's', icon: IconSettings, isFrequent: false },
    page: lazy(() => import('../settings/settings-page.tsx')),
  },
];

export const START_PATH = '/inbox';
