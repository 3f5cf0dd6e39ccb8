/**
 * Defines the store. The other files of this folder define its queries.
 *
 * - `transaction` runs `work` in one transaction and settles after the commit.
 * - `work` may run twice, because a batch that was rolled back is repeated. It must have no other effects. It must await
 *   only the queries of its transaction.
 * - `read` returns committed data.
 */

import type { Message } from '../model/message.ts';
import type { MessageChange } from '../model/message-change.ts';
import type { AccountQueries, CredentialQueries, SavedReplyQueries, UserQueries } from './accounts.ts';
import type { AuditLogQueries } from './audit-log.ts';
import type { BillingQueries, UsageQueries } from './billing.ts';
import type { BrokerQueries } from './brokers.ts';
import type { ContactQueries, SuppressionQueries } from './contacts.ts';
import type { DeviceRequestQueries } from './device-requests.ts';
import type { DeviceSessionQueries } from './device-sessions.ts';
import type { ErasureQueries } from './erasure.ts';
import type { GroupQueries } from './groups.ts';
import type { ConversationQueries, ProjectionQueries, SearchQueries } from './inbox.ts';
import type { LookupQueries } from './lookups.ts';
import type { MediaQueries } from './media.ts';
import type {
  MemberChangeQueries,
  MemberQueries,
  MemberSessionQueries,
  PasskeyQueries,
  SignInLinkQueries,
} from './members.ts';
import type { MessageEditQueries, PendingItemQueries, ReceiptQueries } from './message-edits.ts';
import type { IdempotencyQueries, MessageQueries } from './messages.ts';
import type { Metrics } from './metrics.ts';
import type { DeviceQueries, NumberQueries, PurchaseQueries } from './numbers.ts';
import type { PaceQueries } from './pace.ts';
import type { PasskeyChallengeQueries } from './passkey-challenges.ts';
import type { RateWindowQueries } from './rate-limits.ts';
import type { ReactionQueries } from './reactions.ts';
import type { SenderRuleQueries } from './sender-rules.ts';
import type { ShortcutRunQueries } from './shortcut-runs.ts';
import type { SignedShortcutQueries } from './signed-shortcuts.ts';
import type { StatisticsQueries } from './statistics.ts';
import type { TaskQueries } from './tasks.ts';
import type { WhatsappTemplateQueries } from './templates.ts';
import type {
  DeliveryQueries,
  EventQueries,
  StreamQueries,
  WebhookLaneQueries,
  WebhookQueries,
} from './webhooks.ts';

export interface Store {
  transaction<T>(work: (tx: Queries) => Promise<T>): Promise<T>;
  /** Runs `work` in a transaction, rolls it back and returns the result. */
  dryRun<T>(work: (tx: Queries) => Promise<T>): Promise<T>;
  readonly read: Queries;
  /**
   * Does a part of the nightly work of the database, for example returns free space to the file system. `now` is the time
   * (epoch ms). Returns true if there is more.
   */
  maintain(now: number): Promise<boolean>;
  /**
   * Deletes the finished messages of whole months before the time (epoch ms), if the database stores months separately, with
   * everything that belongs to them. Returns their number. Other messages are deleted one by one.
   */
  deleteMonths(before: number, now: number): Promise<number>;
  /** Returns the size of the database on the disk, in bytes. */
  bytes(): Promise<number>;
  /**
   * Increases when any process may have changed accounts, credentials or numbers. Data of `read` stays valid while the
   * version is unchanged.
   */
  referenceVersion(): number;
  /** Returns the number of transactions since the store was opened. */
  transactions(): number;
  /** Registers a listener for commits of this process that inserted deliveries. Calls it for each delivery. */
  onDeliveries(listener: (webhookId: string) => void): void;
  /** Registers a listener for commits of this process that inserted events of a tenant. */
  onEvents(listener: (tenantId: number) => void): void;
  /**
   * Calls the listener after a commit of this process that requested the cancellation of a leased message, or cancelled a
   * message that needs a capability: later messages to its recipient waited for it.
   */
  onCancellations(listener: (message: Message) => void): void;
  /**
   * Calls the listener after each commit of this process, once for each message of the tenant that was accepted, changed
   * or marked. Returns a function that removes the listener.
   */
  watchMessages(tenantId: number, listener: (change: MessageChange) => void): () => void;
  /** Registers a listener for commits of other processes, such as the command line. */
  onOutsideChange(listener: () => void): void;
  /** Checks for commits of other processes. Cheap enough for several calls a second. */
  checkForOutsideChange(): void;
  /** Commits pending transactions and closes. Rejects further transactions. */
  close(): Promise<void>;
}

export interface Queries {
  accounts: AccountQueries;
  credentials: CredentialQueries;
  numbers: NumberQueries;
  devices: DeviceQueries;
  deviceSessions: DeviceSessionQueries;
  deviceRequests: DeviceRequestQueries;
  messages: MessageQueries;
  media: MediaQueries;
  reactions: ReactionQueries;
  messageEdits: MessageEditQueries;
  receipts: ReceiptQueries;
  pendingItems: PendingItemQueries;
  groups: GroupQueries;
  lookups: LookupQueries;
  signedShortcuts: SignedShortcutQueries;
  shortcutRuns: ShortcutRunQueries;
  idempotency: IdempotencyQueries;
  usage: UsageQueries;
  pace: PaceQueries;
  conversations: ConversationQueries;
  projections: ProjectionQueries;
  search: SearchQueries;
  contacts: ContactQueries;
  suppressions: SuppressionQueries;
  senderRules: SenderRuleQueries;
  users: UserQueries;
  savedReplies: SavedReplyQueries;
  whatsappTemplates: WhatsappTemplateQueries;
  webhooks: WebhookQueries;
  webhookLanes: WebhookLaneQueries;
  events: EventQueries;
  streams: StreamQueries;
  deliveries: DeliveryQueries;
  billing: BillingQueries;
  purchases: PurchaseQueries;
  auditLog: AuditLogQueries;
  brokers: BrokerQueries;
  tasks: TaskQueries;
  erasure: ErasureQueries;
  statistics: StatisticsQueries;
  members: MemberQueries;
  memberSessions: MemberSessionQueries;
  signInLinks: SignInLinkQueries;
  passkeys: PasskeyQueries;
  passkeyChallenges: PasskeyChallengeQueries;
  rateWindows: RateWindowQueries;
  memberChanges: MemberChangeQueries;
  /** Calls `record` after the commit of the transaction; never after a rollback or without metrics. */
  afterCommit(record: (metrics: Metrics) => void): void;
}
