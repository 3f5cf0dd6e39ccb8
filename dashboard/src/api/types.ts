/** Names the bodies of the admin API as the page uses them. The schemas of the broker define them. */

export type { SessionBody as Session } from '../../../broker/apis/admin/access/session-schemas.ts';
export type { LinkInfo } from '../../../broker/apis/admin/access/sign-in-schemas.ts';
export type { OverviewBody as Overview } from '../../../broker/apis/admin/account/overview-schemas.ts';
export type {
  ContactBody as Contact,
  ContactDetailBody as ContactDetail,
  ContactFieldsBody as ContactFields,
  ContactImportBody as ContactImport,
  ContactImportPreviewBody as ContactImportPreview,
  ContactListBody as ContactList,
  OptOutBody as OptOut,
  OptOutListBody as OptOutList,
} from '../../../broker/apis/admin/contacts/contact-schemas.ts';
export type { LookupBody as Lookup } from '../../../broker/apis/admin/contacts/lookup-operations.ts';
export type {
  SenderRuleBody as SenderRule,
  SenderRuleListBody as SenderRuleList,
} from '../../../broker/apis/admin/contacts/sender-rule-schemas.ts';
export type {
  ApiKeyBody as ApiKey,
  KeyListBody as KeyList,
  NewKeyBody as NewKey,
  ToolCallListBody as ToolCallList,
} from '../../../broker/apis/admin/developers/key-schemas.ts';
export type {
  DeliveryBody as Delivery,
  DeliveryDetailBody as DeliveryDetail,
  DeliveryListBody as DeliveryList,
  NewWebhookBody as NewWebhook,
  ReplayResultBody as ReplayResult,
  WebhookBody as Webhook,
  WebhookListBody as WebhookList,
} from '../../../broker/apis/admin/developers/webhook-schemas.ts';
export type {
  NumberListBody as NumberList,
  OwnNumberBody as OwnNumber,
} from '../../../broker/apis/admin/devices/number-schemas.ts';
export type {
  ActionBody as Action,
  ActionResponseBody as ActionResponse,
} from '../../../broker/apis/admin/inbox/action-schemas.ts';
export type {
  ConversationBody as Conversation,
  ConversationListBody as ConversationList,
  GroupChangeBody as GroupChange,
  GroupChangesBody as GroupChanges,
  ThreadBody as MessagePage,
} from '../../../broker/apis/admin/inbox/conversation-schemas.ts';
export type {
  MessageDeliveryBody as MessageDelivery,
  MessageDetailBody as MessageDetail,
  MessageListBody as MessageList,
  TimelineEntryBody as TimelineEntry,
} from '../../../broker/apis/admin/inbox/message-list-schemas.ts';
export type {
  MediaBody as Media,
  MessageBody as Message,
  ReactionBody as Reaction,
  ReplyTargetBody as ReplyTarget,
} from '../../../broker/apis/admin/inbox/message-schemas.ts';
export type { PreviewBody as SendPreview } from '../../../broker/apis/admin/inbox/send-schemas.ts';
export type { EventType } from '../../../broker/core/model/event.ts';

import type { ConversationBody } from '../../../broker/apis/admin/inbox/conversation-schemas.ts';

export type Participant = ConversationBody['participants'][number];

export type {
  AuditPage,
  InvitationBody as Invitation,
  InvitationList,
  MemberList,
  NewInvitation,
} from '../../../broker/apis/admin/access/member-schemas.ts';
export type {
  PasskeyBody as Passkey,
  PasskeyList,
} from '../../../broker/apis/admin/access/passkey-schemas.ts';
export type { MemberBody as Member, SessionList } from '../../../broker/apis/admin/access/session-schemas.ts';
export type {
  AboutBody as About,
  AccountBody as Account,
  BackupsBody as Backups,
  UsageBody as Usage,
  WhatsappTemplatesBody as WhatsappTemplates,
} from '../../../broker/apis/admin/account/settings-schemas.ts';
export type {
  ErasureListBody as ErasureList,
  ErasureResultBody as ErasureResult,
} from '../../../broker/apis/admin/contacts/erasure-schemas.ts';
export type {
  DeviceBody as Device,
  NewPairingBody as NewPairing,
  PairingStateBody as PairingState,
} from '../../../broker/apis/admin/devices/device-schemas.ts';
export type { NumberUsageBody as NumberUsage } from '../../../broker/apis/admin/devices/pace-schemas.ts';
export type {
  MergeFieldListBody as MergeFields,
  SavedReplyBody as SavedReply,
  SavedReplyListBody as SavedReplyList,
} from '../../../broker/apis/admin/inbox/saved-reply-schemas.ts';
export type { AuditAction } from '../../../broker/core/members/audit.ts';
export type { Role } from '../../../broker/core/model/member.ts';

import type { SessionList } from '../../../broker/apis/admin/access/session-schemas.ts';

export type MemberSession = SessionList['sessions'][number];
