/** Lists the parts of the settings in the order of their navigation. */
import IconBackups from 'icon:archive';
import IconNotifications from 'icon:bell';
import IconReplies from 'icon:bolt';
import IconTemplates from 'icon:brand-whatsapp';
import IconAccount from 'icon:building';
import IconRetention from 'icon:calendar-time';
import IconAudit from 'icon:history';
import IconAbout from 'icon:info-circle';
import IconFields from 'icon:list-details';
import IconSecurity from 'icon:shield-lock';
import IconMembers from 'icon:users';
import type { ComponentType, SVGProps } from 'react';
import { AboutSettings } from './about-settings.tsx';
import { AccountSettings } from './account-settings.tsx';
import { AuditLog } from './audit-log.tsx';
import { BackupSettings } from './backup-settings.tsx';
import { CustomFieldSettings } from './custom-field-settings.tsx';
import { MemberSettings } from './member-settings.tsx';
import { NotificationSettings } from './notification-settings.tsx';
import { RetentionSettings } from './retention-settings.tsx';
import { SavedReplySettings } from './saved-reply-settings.tsx';
import { SecuritySettings } from './security-settings.tsx';
import { TemplateSettings } from './template-settings.tsx';

export interface SettingsSection {
  path: string;
  name: string;
  icon: ComponentType<SVGProps<SVGSVGElement> & { size?: number }>;
  isForOwners?: boolean;
  page: ComponentType;
}

export const SECTIONS: readonly SettingsSection[] = [
  { path: '/account', name: 'Account', icon: IconAccount, page: AccountSettings },
  { path: '/members', name: 'Members', icon: IconMembers, page: MemberSettings },
  { path: '/security', name: 'Security', icon: IconSecurity, page: SecuritySettings },
  { path: '/notifications', name: 'Notifications', icon: IconNotifications, page: NotificationSettings },
  { path: '/saved-replies', name: 'Saved replies', icon: IconReplies, page: SavedReplySettings },
  { path: '/custom-fields', name: 'Custom fields', icon: IconFields, page: CustomFieldSettings },
  { path: '/templates', name: 'WhatsApp templates', icon: IconTemplates, page: TemplateSettings },
  { path: '/retention', name: 'Retention', icon: IconRetention, page: RetentionSettings },
  { path: '/backups', name: 'Backups', icon: IconBackups, isForOwners: true, page: BackupSettings },
  { path: '/audit', name: 'Audit log', icon: IconAudit, isForOwners: true, page: AuditLog },
  { path: '/about', name: 'About', icon: IconAbout, page: AboutSettings },
];
