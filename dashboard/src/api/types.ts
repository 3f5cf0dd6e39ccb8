/** Re-exports the types of the admin API's responses, from the schemas of the broker. */
export interface Session {
  member: { id: string; name: string; email: string; role: 'owner' | 'member' | 'viewer' };
  account: { slug: string; plan: string };
  version: string;
  publicUrl: string;
}
export interface InspectedLink {
  account: string;
  email: string | null;
  name: string | null;
  role: string;
  hasPassword: boolean;
}
export interface Media {
  id: string;
  url: string;
  contentType: string;
  size: number | null;
  width: number | null;
  height: number | null;
  name: string | null;
}
export interface Wait {
  reason: string;
  message: string;
  until: number | null;
}
export interface Message {
  id: string;
  conversationId: string;
  numberId: string;
  ownNumber: string;
  handle: string;
  direction: 'inbound' | 'outbound';
  status: 'queued' | 'polling' | 'sent' | 'delivered' | 'failed' | 'received';
  service: string | null;
  content: string;
  media: Media[];
  isGroup: boolean;
  createdAt: number;
  sentAt: number | null;
  deliveredAt: number | null;
  readAt: number | null;
  failedAt: number | null;
  editedAt: number | null;
  retractedAt: number | null;
  sendAt: number | null;
  expiresAt: number;
  error: { code: string; message: string; isRetryable: boolean } | null;
  wait: Wait | null;
  cancelRequestedAt: number | null;
  costCents: number;
  isUnread: boolean;
  priority: number;
}
export interface Participant {
  handle: string;
  contactId: string | null;
  contactName: string | null;
}
export interface Conversation {
  id: string;
  numberId: string;
  ownNumber: string;
  numberLabel: string | null;
  recipient: string;
  isGroup: boolean;
  participants: Participant[];
  contactId: string | null;
  contactName: string | null;
  isOptedOut: boolean;
  unreadCount: number;
  totalCount: number;
  latest: Message | null;
  /** Only with a search: the newest message that contains the words. */
  match?: Message | null;
  updatedAt: number;
}
export interface ConversationList {
  conversations: Conversation[];
  next: string | null;
  unread: number;
}
export interface MessagePage {
  messages: Message[];
  older: string | null;
  newer: string | null;
}
export interface OwnNumber {
  id: string;
  phoneNumber: string;
  label: string | null;
  status: 'active' | 'paused';
}
export interface NumberList {
  numbers: OwnNumber[];
}
export interface SendPreview {
  segments: number;
  encoding: string;
  characters: number;
  costCents: number;
  wait: Wait | null;
}
export interface SavedReply {
  id: string;
  title: string;
  body: string;
  rendered?: string;
}
export interface SavedReplyList {
  savedReplies: SavedReply[];
}
export interface Contact {
  id: string;
  name: string | null;
  phoneNumber: string;
}
export interface ContactList {
  contacts: Contact[];
  next: string | null;
}
