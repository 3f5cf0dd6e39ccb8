/**
 * What the core needs of a database. `transaction` runs its work in one transaction and settles after the
 * commit; work may run twice (a batch that is rolled back is run again), so it touches nothing outside, and
 * it awaits only the queries it was given. `read` sees what is committed.
 */
import type { Account, Credential, Environment, Permission, World } from './accounts/accounts.ts';
import type { SavedReply, User } from './accounts/users.ts';
import type { UsageChange } from './billing/usage.ts';
import type { Contact } from './correspondents/contacts.ts';
import type { Suppression } from './correspondents/suppressions.ts';
import type { Conversation, ConversationAddition, ConversationKey } from './inbox/conversations.ts';
import type { Media } from './messages/media.ts';
import type { Direction, Message, MessageStatus, TimelineEntry } from './messages/messages.ts';
import type { Device, NumberOverview, NumberStatus, OwnNumber, Pairing } from './numbers/numbers.ts';
import type { Purchase } from './numbers/purchases.ts';
import type { Observer } from './observer.ts';
import type { Limited, OwnPace, PacedNumber, WaitReason } from './pace/pace.ts';
import type { WhatsappTemplate } from './providers/whatsapp.ts';
import type { ToolCall } from './tools/tool-calls.ts';
import type {
  DueDelivery,
  EventType,
  HomingEvent,
  WebhookAttempt,
  WebhookDelivery,
} from './webhooks/events.ts';
import type { Webhook, WebhookDialect } from './webhooks/webhooks.ts';

export interface Store {
  transaction<T>(work: (tx: Queries) => Promise<T>): Promise<T>;
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
  onEvents(listener: (worldId: number) => void): void;
  /** Calls back after another process (the command line, say) has written to the database. */
  onOutsideChange(listener: () => void): void;
  /** Looks now whether another process has written; cheap enough to be asked several times a second. */
  noticeOutsideChange(): void;
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
  toolCalls: ToolCallQueries;
  /** Tells what the transaction did, once it is committed; not at all where it is rolled back or nobody counts. */
  afterCommit(tell: (observer: Observer) => void): void;
}

export interface AccountQueries {
  insert(account: Account): Promise<void>;
  findBySlug(slug: string): Promise<Account | undefined>;
  list(): Promise<Account[]>;
  setPlan(id: string, plan: string): Promise<void>;
  world(accountId: string, environment: Environment): Promise<World | undefined>;
  environmentOf(worldId: number): Promise<Environment | undefined>;
}

export interface NewCredential {
  id: string;
  worldId: number;
  label: string;
  permissions: readonly Permission[];
  /** SHA-256 of the key, hex. The key itself is never stored. */
  hash: string;
  createdAt: number;
}

export interface CredentialQueries {
  insert(credential: NewCredential): Promise<void>;
  findByHash(hash: string): Promise<Credential | undefined>;
  find(id: string): Promise<Credential | undefined>;
  list(): Promise<Credential[]>;
  isLive(id: string): Promise<boolean>;
  revoke(id: string, at: number): Promise<boolean>;
}

export interface NumberQueries {
  insert(number: OwnNumber): Promise<void>;
  find(worldId: number, id: string): Promise<OwnNumber | undefined>;
  findByPhone(worldId: number, phoneNumber: string): Promise<OwnNumber | undefined>;
  /** The world that holds a live number, whichever account's it is. */
  liveOwner(phoneNumber: string): Promise<number | undefined>;
  /** Whose a number is, whichever account's, and also when it was removed. */
  whose(id: string): Promise<{ worldId: number; accountId: string; isRemoved: boolean } | undefined>;
  /** The number that an account sends from unless it names one: the oldest that can send. */
  defaultSender(worldId: number): Promise<OwnNumber | undefined>;
  /** Oldest first. */
  list(worldId: number): Promise<OwnNumber[]>;
  /** The numbers that are sent for by a provider. */
  ofProvider(provider: string): Promise<OwnNumber[]>;
  overview(worldId: number, day: string): Promise<NumberOverview[]>;
  count(worldId: number): Promise<number>;
  update(id: string, change: { label: string | null; status: NumberStatus }): Promise<void>;
  setVerified(id: string): Promise<void>;
  setCompliance(id: string, status: string): Promise<void>;
  setWhatsapp(id: string, isOn: boolean): Promise<void>;
  /** What decides about its pace; undefined for a number that was removed. */
  paced(id: string): Promise<PacedNumber | undefined>;
  setPace(id: string, pace: OwnPace): Promise<void>;
  setSendsSince(id: string, at: number): Promise<void>;
  remove(id: string, at: number): Promise<void>;
  ofDevice(deviceId: string): Promise<OwnNumber[]>;
  /** The numbers that messages wait for. */
  withQueue(environment: Environment): Promise<string[]>;
}

/** What a device has come to in its set-up. */
export type Marks = 'connected' | 'checked' | 'first_message';

export interface DeviceQueries {
  insert(device: Device, tokenHash: string | null): Promise<void>;
  setToken(id: string, tokenHash: string): Promise<void>;
  findByToken(tokenHash: string): Promise<Device | undefined>;
  find(id: string): Promise<Device | undefined>;
  list(): Promise<Array<Device & { numbers: string[]; environment: Environment; account: string }>>;
  attach(deviceId: string, numberId: string): Promise<void>;
  describe(id: string, platform: string, agent: string): Promise<void>;
  /** When devices were last heard: id and epoch ms. */
  touch(seen: ReadonlyArray<readonly [id: string, at: number]>): Promise<void>;
  revoke(id: string, at: number): Promise<boolean>;
  /** Writes down when something happened with the device for the first time. */
  mark(id: string, name: Marks, at: number): Promise<void>;
  marks(id: string): Promise<Marks[]>;
  /** The number's device that waits for its code to be exchanged. */
  unpaired(numberId: string): Promise<string | undefined>;
  /** Deletes codes that expired before the time. */
  purgePairings(before: number): Promise<void>;
  insertPairing(codeHash: string, pairing: Pairing): Promise<void>;
  findPairing(codeHash: string): Promise<Pairing | undefined>;
  redeemPairing(codeHash: string, at: number): Promise<void>;
}

export interface MessageFilter {
  from?: string | undefined;
  to?: string | undefined;
  status?: MessageStatus | undefined;
  direction?: Direction | undefined;
  /** Only messages older than this id. */
  before?: string | undefined;
  /** Only messages newer than this id. */
  after?: string | undefined;
  limit: number;
}

export interface Page {
  limit: number;
  offset?: number | undefined;
  /** Only what is older than the message, or whatever it is, of this id. */
  before?: string | undefined;
}

export interface TextFilter extends Page {
  isUnread?: boolean | undefined;
}

export interface QueueRequest {
  numberId: string;
  /** Nothing is given for a number of the other environment, whoever asks. */
  environment: Environment;
  /** WhatsApp messages only, all but these, or everything. */
  carries: 'whatsapp' | 'texts' | 'all';
  deviceId: string;
  /** The device's carrier can't lose a hand-out unnoticed, so a second message to one person may follow. */
  keepsOrder: boolean;
  now: number;
  limit: number;
}

/** What waits for a live number; messages that are held back for later are not counted. */
export interface WaitingQueue {
  numberId: string;
  phoneNumber: string;
  messages: number;
  /** The message that was accepted first. */
  oldestId: string;
}

/** What is under way. */
export interface QueueQueries {
  /** What may be handed to a device now, in order; a person whose earlier message is still out is left out. */
  nextQueued(request: QueueRequest): Promise<Message[]>;
  /** What a journaling device holds with an ended lease, in order. */
  nextLapsed(deviceId: string, now: number, limit: number): Promise<Message[]>;
  /** Everything a device holds, in order. */
  heldBy(deviceId: string): Promise<Message[]>;
  setLeaseEnd(messages: readonly Message[], leaseUntil: number): Promise<void>;
  /** Handed to a device without a journal, and not reported in time. */
  unreported(now: number, limit: number): Promise<Message[]>;
  /** Waiting or out for too long. Looks at messages older than `id` only. */
  expired(now: number, id: string, limit: number): Promise<Message[]>;
  /** The same of messages that were given an end of their own. */
  expiredByOwn(now: number, limit: number): Promise<Message[]>;
  hasDueHolds(now: number): Promise<boolean>;
  /** Takes the hold off messages whose time has come; gives the numbers they wait for. */
  releaseHolds(now: number): Promise<string[]>;
  /** Holds a queued message back until then. */
  hold(message: Message, until: number, reason: WaitReason): Promise<void>;
  /** The first message to them that is held back for its number's pace and was accepted before that one. */
  heldFor(
    numberId: string,
    remote: string,
    beforeId: string,
  ): Promise<{ until: number; reason: WaitReason } | undefined>;
  /** What is held back for the pace, of one recipient or of all, is looked at again. */
  hastenHolds(numberId: string, remote: string | undefined, now: number): Promise<void>;
  /** What waits for the same recipient already goes before everything else too. */
  promote(numberId: string, remote: string): Promise<void>;
  /** Whether anything was handed out to them or came from them since the id. */
  hasExchangedSince(worldId: number, numberId: string, remote: string, sinceId: string): Promise<boolean>;
  /** How many messages they got since they last wrote, counted up to the limit. */
  unansweredTo(worldId: number, numberId: string, remote: string, limit: number): Promise<number>;
  countQueued(numberId: string): Promise<number>;
  /** What is to be sent later at its sender's wish, the next one first. */
  scheduled(
    worldId: number,
    page: { now: number; limit: number; after?: Message | undefined },
  ): Promise<Message[]>;
  openOf(numberId: string): Promise<Message[]>;
  /** The longest queues of live numbers, longest first. Reads what is queued, never the history. */
  longestQueues(limit: number): Promise<WaitingQueue[]>;
  sentSince(environment: Environment, since: number): Promise<Message[]>;
  /** What waits to be sent to somebody, from any number of the world. */
  queuedFor(worldId: number, remote: string): Promise<Message[]>;
}

/** Texts of a number as the people of the account see them. */
export interface InboxQueries {
  /** Texts of a number that were not deleted, newest first. */
  texts(worldId: number, numberId: string, filter: TextFilter): Promise<Message[]>;
  /** The same of one conversation. */
  thread(key: ConversationKey, page: Page): Promise<Message[]>;
  /** By their ids, in the order of these; those that are not there are left out. */
  several(worldId: number, ids: readonly string[]): Promise<Message[]>;
  setUnread(message: Message): Promise<void>;
  /** Gives how many were not so before. Only what came in becomes unread. */
  setUnreadIn(key: ConversationKey, isUnread: boolean): Promise<number>;
  setDeleted(message: Message): Promise<void>;
  /** Whether something came in from them by that service since the id. */
  hasInboundSince(
    worldId: number,
    numberId: string,
    remote: string,
    service: string,
    sinceId: string,
  ): Promise<boolean>;
}

export interface MessageQueries extends QueueQueries, InboxQueries {
  insert(message: Message, entry: TimelineEntry): Promise<void>;
  /** Writes the changed message and its timeline row. */
  record(message: Message, entry: TimelineEntry): Promise<void>;
  /** Writes the words of a message and when they were changed or taken back, and its timeline row. */
  revise(message: Message, entry: TimelineEntry): Promise<void>;
  /** Adds to the timeline of a message that stays as it is. */
  note(messageId: string, entry: TimelineEntry): Promise<void>;
  find(worldId: number, id: string): Promise<Message | undefined>;
  /** For reports: the message if the device has it, or it belongs to one of the device's numbers. */
  findForDevice(worldId: number, deviceId: string, id: string): Promise<Message | undefined>;
  findByGuid(numberId: string, guid: string): Promise<Message | undefined>;
  /** Newest first; with `after`, oldest first. */
  list(worldId: number, filter: MessageFilter): Promise<Message[]>;
  timeline(messageId: string): Promise<TimelineEntry[]>;
  /** Messages older than `id` of which nothing more is to come, in no order. */
  over(id: string, limit: number): Promise<Message[]>;
  /** Deletes a message for good, with its timeline and its attachments. */
  remove(message: Message): Promise<void>;
}

export interface IdempotencyRecord {
  fingerprint: string;
  messageId: string;
  createdAt: number;
}

export interface IdempotencyQueries {
  find(worldId: number, key: string): Promise<IdempotencyRecord | undefined>;
  put(worldId: number, key: string, record: IdempotencyRecord): Promise<void>;
  purge(before: number): Promise<number>;
}

export interface UsageQueries {
  /** Counts one accepted message for the world's month (`2026-11`) and the number's day (`2026-11-21`). */
  countMessage(worldId: number, month: string, numberId: string, day: string): Promise<void>;
  messagesInMonth(worldId: number, month: string): Promise<number>;
}

export interface PaceQueries {
  /** How many were handed out after that time. */
  used(numberId: string, of: Limited, since: number): Promise<number>;
  /** When the nth latest was handed out, or its slot is; undefined: there are fewer. */
  nthLatest(
    numberId: string,
    of: Limited,
    counting: 'handed_out' | 'reserved',
    n: number,
  ): Promise<number | undefined>;
  write(numberId: string, at: number, messageId: string, isNewContact: boolean): Promise<void>;
  /** Keeps a slot for a message to a new contact. */
  reserve(numberId: string, at: number, messageId: string): Promise<void>;
  unreserve(numberId: string, at: number, messageId: string): Promise<void>;
  /** Drops every slot after that time. */
  dropReserved(numberId: string, after: number): Promise<void>;
  /** It was not handed out after all. */
  forget(numberId: string, messageId: string, since: number): Promise<void>;
  purge(numberId: string, before: number): Promise<void>;
}

export interface MediaQueries {
  find(id: string): Promise<Media | undefined>;
  /** Whether it came in with a message, rather than being named by a customer. */
  cameIn(id: string): Promise<boolean>;
  /** The attachment, if it belongs to a message of the world that was not deleted. */
  findInWorld(worldId: number, id: string): Promise<(Media & { messageId: string }) | undefined>;
  findUpload(deviceId: string, uploadId: string): Promise<Media | undefined>;
  insertUpload(
    upload: { worldId: number; deviceId: string | null; uploadId: string | null; createdAt: number },
    media: Media,
  ): Promise<void>;
  putChunk(mediaId: string, position: number, bytes: Uint8Array): Promise<void>;
  chunk(mediaId: string, position: number): Promise<Uint8Array | undefined>;
  /** Drops the chunks from this position on. */
  dropChunks(mediaId: string, from: number): Promise<void>;
  /** The bytes are all here. */
  arrived(
    id: string,
    found: {
      contentType: string;
      size: number;
      sha256: string;
      width?: number | null;
      height?: number | null;
    },
  ): Promise<void>;
  /** Deletes uploads from before the time that no message came for, and chunks of none older than `firstId`. */
  purgeUnclaimed(before: number, firstId: string, limit: number): Promise<number>;
  /** The key of this name; `fresh` becomes it where there is none yet. */
  signingKey(name: string, fresh: string): Promise<string>;
}

/** A tapback: it names the message it is about, and may come before it. */
export interface Reaction {
  guid: string;
  /** The guid of the message it is about. */
  target: string;
  sender: string;
  /** love, like, dislike, laugh, emphasize, question, or the emoji itself. */
  kind: string;
  isRemoved: boolean;
  at: number;
}

/** Shortcuts that a Mac has signed, by the SHA-256 (hex) of what was signed. */
export interface SignedShortcutQueries {
  find(sha256: string): Promise<Uint8Array | undefined>;
  put(sha256: string, bytes: Uint8Array, at: number): Promise<void>;
}

export interface ReactionQueries {
  /** False: it was known. */
  insert(numberId: string, reaction: Reaction): Promise<boolean>;
}

/** A message that was accepted or changed its status, and the status by which the projections have it. */
export interface ChangedMessage {
  message: Message;
  projectedStatus: MessageStatus | null;
}

export interface ProjectionQueries {
  isBehind(): Promise<boolean>;
  /** How many commits have changed messages since the oldest that is not taken up; at most that many are left. */
  commitsBehind(): Promise<number>;
  /** Takes what changed first, in the order in which it did; each message once. */
  take(limit: number): Promise<ChangedMessage[]>;
  of(messages: readonly Message[]): Promise<ChangedMessage[]>;
  /** Counts texts that were added to a number's list, or left it (by -1). */
  countTexts(numberId: string, ids: readonly string[], by: 1 | -1): Promise<void>;
  /** The projections have these by the status they are in. */
  mark(messages: readonly Message[]): Promise<void>;
}

export interface ConversationQueries {
  find(worldId: number, id: string): Promise<Conversation | undefined>;
  /** Newest activity first; those without a message left are left out. */
  list(of: { worldId: number; numberId?: string | undefined }, page: Page): Promise<Conversation[]>;
  /** How many `list` has of it. */
  countOf(of: { worldId: number; numberId?: string | undefined }): Promise<number>;
  /** Gives whether it is a new one. */
  add(id: string, addition: ConversationAddition, at: number): Promise<boolean>;
  /** These left it; so many of them were unread. */
  remove(id: string, left: { ids: readonly string[]; unread: number }, at: number): Promise<void>;
  addUnread(id: string, by: 1 | -1, at: number): Promise<void>;
  recountUnread(id: string, at: number): Promise<void>;
  /** The newest message that is left becomes its preview. */
  refreshLatest(id: string): Promise<void>;
  /** Messages of it were deleted for good: with none left it goes too. */
  settle(id: string): Promise<void>;
}

export interface SearchQueries {
  insert(message: Message, words: readonly string[]): Promise<void>;
  remove(message: Message): Promise<void>;
  /** Texts of the number that have all the phrases, best first. */
  find(
    worldId: number,
    numberId: string,
    phrases: readonly (readonly string[])[],
    limit: number,
  ): Promise<Message[]>;
}

export interface ContactQueries {
  insert(contact: Contact): Promise<void>;
  update(contact: Contact): Promise<void>;
  find(worldId: number, id: string): Promise<Contact | undefined>;
  findByHandle(worldId: number, handle: string): Promise<Contact | undefined>;
  /** Oldest first. */
  list(worldId: number, page: { limit: number; after?: string | undefined }): Promise<Contact[]>;
  /** Those whose name has the text in it, in any case, oldest first. */
  named(worldId: number, part: string, limit: number): Promise<Contact[]>;
  count(worldId: number): Promise<number>;
  remove(worldId: number, id: string): Promise<boolean>;
}

export interface SuppressionQueries {
  /** Whether anybody has opted out. */
  any(worldId: number): Promise<boolean>;
  has(worldId: number, handle: string): Promise<boolean>;
  /** Which of these are suppressed. */
  among(worldId: number, handles: readonly string[]): Promise<Set<string>>;
  /** False: it was there. */
  insert(suppression: Suppression): Promise<boolean>;
  remove(worldId: number, handle: string): Promise<boolean>;
}

export interface UserQueries {
  find(worldId: number, id: string): Promise<User | undefined>;
  list(worldId: number): Promise<User[]>;
  put(user: User): Promise<void>;
}

export interface SavedReplyQueries {
  insert(reply: SavedReply): Promise<void>;
  find(worldId: number, id: string): Promise<SavedReply | undefined>;
  list(worldId: number, userId: string): Promise<SavedReply[]>;
}

export interface WhatsappTemplateQueries {
  /** Known by world and contentSid. */
  put(template: WhatsappTemplate): Promise<void>;
  remove(worldId: number, id: string): Promise<void>;
  find(worldId: number, id: string): Promise<WhatsappTemplate | undefined>;
  list(worldId: number): Promise<WhatsappTemplate[]>;
}

export interface WebhookQueries {
  insert(webhook: Webhook): Promise<void>;
  update(webhook: Webhook): Promise<void>;
  find(worldId: number, dialect: WebhookDialect, id: string): Promise<Webhook | undefined>;
  /** For delivery, whoever's it is. */
  get(id: string): Promise<Webhook | undefined>;
  findCallback(worldId: number, url: string): Promise<Webhook | undefined>;
  /** The webhook that single messages are reported to at an address; it is made, or active again, with this. */
  putCallback(webhook: Webhook): Promise<string>;
  /** Deletes such webhooks that nothing was sent with since, and for which nothing is pending. */
  purgeCallbacks(before: number): Promise<number>;
  /** Oldest first. */
  list(worldId: number, dialect: WebhookDialect): Promise<Webhook[]>;
  activeOf(worldId: number): Promise<readonly Webhook[]>;
  remove(worldId: number, dialect: WebhookDialect, id: string): Promise<boolean>;
}

export interface EventQueries {
  insert(event: HomingEvent): Promise<void>;
  find(worldId: number, id: string): Promise<HomingEvent | undefined>;
  /** Oldest first. */
  after(worldId: number, id: string, limit: number): Promise<HomingEvent[]>;
}

export interface EventRange {
  worldId: number;
  webhookId: string;
  types: readonly EventType[];
  /** After this id, and before that one. */
  after: string;
  before: string;
  /** Only what the webhook was not told, nor is still to be told. */
  isUndeliveredOnly: boolean;
  limit: number;
}

export interface StreamQueries {
  /** Until when events are written for streams of the world (epoch ms); 0: they are not. */
  wantedUntil(worldId: number): Promise<number>;
  want(worldId: number, until: number): Promise<void>;
}

export interface DeliveryQueries {
  insert(delivery: WebhookDelivery): Promise<void>;
  /** Events that a webhook may be told again, oldest first. */
  replayable(range: EventRange): Promise<HomingEvent[]>;
  /** Newest first, with what happened. */
  of(webhookId: string, page: Page): Promise<Array<WebhookDelivery & { type: EventType }>>;
  /** The webhooks for which something is pending. */
  waitingWebhooks(): Promise<string[]>;
  /** What may be tried now, in order; what must come after something that is still pending is left out. */
  due(webhookId: string, now: number, limit: number): Promise<DueDelivery[]>;
  /** Writes what became of a try. False: the delivery is not there any more. */
  record(delivery: WebhookDelivery, attempt: WebhookAttempt): Promise<boolean>;
  /** How many are still to be delivered, and when the oldest of them was made (epoch ms). */
  pending(): Promise<{ count: number; oldestAt: number | null }>;
  attemptsOf(deliveryId: string): Promise<WebhookAttempt[]>;
  /** Nothing that is pending for it is tried any more. */
  giveUp(webhookId: string): Promise<void>;
  /** Deletes what was over before the id was made, and events that nothing is left of. Gives how many. */
  purge(beforeId: string, limit: number): Promise<number>;
}

export interface BillingQueries {
  spendLimit(worldId: number): Promise<number | null>;
  setSpendLimit(worldId: number, cents: number | null): Promise<void>;
  spend(worldId: number, month: string): Promise<number>;
  addSpend(worldId: number, month: string, cents: number): Promise<void>;
  usage(
    worldId: number,
    month: string,
  ): Promise<Array<{ status: MessageStatus; messages: number; segments: number; costCents: number }>>;
  addUsage(change: UsageChange): Promise<void>;
}

export interface PurchaseQueries {
  insert(purchase: Purchase): Promise<void>;
  update(purchase: Purchase): Promise<void>;
  find(id: string): Promise<Purchase | undefined>;
  /** Begun before that time and not ended. */
  open(before: number): Promise<Purchase[]>;
}

export interface ToolCallQueries {
  insert(call: ToolCall): Promise<void>;
  /** Newest first. */
  list(worldId: number, page: Omit<Page, 'offset'>): Promise<ToolCall[]>;
  /** Deletes what was called before the id was made. Gives how many. */
  purge(beforeId: string, limit: number): Promise<number>;
}
