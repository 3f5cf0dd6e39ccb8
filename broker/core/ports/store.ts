/**
 * What the core needs of a database. `transaction` runs its work in one transaction and settles after the
 * commit; work may run twice (a batch that is rolled back is run again), so it touches nothing outside, and
 * it awaits only the queries it was given. `read` sees what is committed. The queries of an aggregate are beside it, in its
 * `-port.ts`.
 */
import type { AccountQueries, CredentialQueries, SavedReplyQueries, UserQueries } from './accounts.ts';
import type { AuditLogQueries } from './audit-log.ts';
import type { BillingQueries, UsageQueries } from './billing.ts';
import type { ContactQueries, SuppressionQueries } from './contacts.ts';
import type { ConversationQueries, ProjectionQueries, SearchQueries } from './inbox.ts';
import type { MediaQueries } from './media.ts';
import type { IdempotencyQueries, MessageQueries } from './messages.ts';
import type { Metrics } from './metrics.ts';
import type { DeviceQueries, NumberQueries, PurchaseQueries } from './numbers.ts';
import type { PaceQueries } from './pace.ts';
import type { ReactionQueries } from './reactions.ts';
import type { SignedShortcutQueries } from './signed-shortcuts.ts';
import type { WhatsappTemplateQueries } from './templates.ts';
import type { DeliveryQueries, EventQueries, StreamQueries, WebhookQueries } from './webhooks.ts';

export interface Store {
  transaction<T>(work: (tx: Queries) => Promise<T>): Promise<T>;
  /** The same, but that nothing of it is kept: what the work gives says what would be. */
  dryRun<T>(work: (tx: Queries) => Promise<T>): Promise<T>;
  readonly read: Queries;
  /**
   * Moves whenever accounts, credentials or numbers may have changed, by whichever process. What was read from
   * `read` at a version holds as long as the version does.
   */
  referenceVersion(): number;
  /** How many transactions have been run so far. */
  transactions(): number;
  /** Calls back after a commit of this process that wrote deliveries. */
  onDeliveries(listener: () => void): void;
  /** Calls back after a commit of this process that wrote events of a world. */
  onEvents(listener: (tenantId: number) => void): void;
  /** Calls back after another process (the command line, say) has written to the database. */
  onOutsideChange(listener: () => void): void;
  /** Looks now whether another process has written; cheap enough to be asked several times a second. */
  checkForOutsideChange(): void;
  /** Commits what is under way and closes. Further transactions are refused. */
  close(): Promise<void>;
}

export interface Queries {
  accounts: AccountQueries;
  credentials: CredentialQueries;
  numbers: NumberQueries;
  devices: DeviceQueries;
  messages: MessageQueries;
  media: MediaQueries;
  reactions: ReactionQueries;
  signedShortcuts: SignedShortcutQueries;
  idempotency: IdempotencyQueries;
  usage: UsageQueries;
  pace: PaceQueries;
  conversations: ConversationQueries;
  projections: ProjectionQueries;
  search: SearchQueries;
  contacts: ContactQueries;
  suppressions: SuppressionQueries;
  users: UserQueries;
  savedReplies: SavedReplyQueries;
  whatsappTemplates: WhatsappTemplateQueries;
  webhooks: WebhookQueries;
  events: EventQueries;
  streams: StreamQueries;
  deliveries: DeliveryQueries;
  billing: BillingQueries;
  purchases: PurchaseQueries;
  auditLog: AuditLogQueries;
  /** Tells what the transaction did, once it is committed; not at all where it is rolled back or nobody counts. */
  afterCommit(tell: (metrics: Metrics) => void): void;
}
