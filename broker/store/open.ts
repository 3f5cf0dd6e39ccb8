/** Opens the store with a database engine. No other file outside an engine's folder imports an engine. */

import type { Message } from '../core/model/message.ts';
import type { SearchQueries } from '../core/ports/inbox.ts';
import type { Metrics } from '../core/ports/metrics.ts';
import type { Queries, Store } from '../core/ports/store.ts';
import type { Sql } from './database.ts';
import { MessageWatch } from './message-watch.ts';
import type { Migration } from './migrations/index.ts';
import { accountQueries } from './queries/accounts.ts';
import { auditLogQueries } from './queries/audit-log.ts';
import { billingQueries, purchaseQueries } from './queries/billing.ts';
import { contactQueries, suppressionQueries } from './queries/contacts.ts';
import { conversationQueries } from './queries/conversations.ts';
import { credentialQueries } from './queries/credentials.ts';
import { deliveryQueries, eventQueries, streamQueries } from './queries/deliveries.ts';
import { deviceQueries } from './queries/devices.ts';
import { erasureQueries } from './queries/erasure.ts';
import { mediaQueries } from './queries/media.ts';
import { memberChangeQueries } from './queries/member-changes.ts';
import { memberSessionQueries, passkeyQueries, signInLinkQueries } from './queries/member-sessions.ts';
import { memberQueries } from './queries/members.ts';
import { messageQueries } from './queries/messages.ts';
import { numberQueries } from './queries/numbers.ts';
import { paceQueries } from './queries/pace.ts';
import { projectionQueries } from './queries/projections.ts';
import { reactionQueries } from './queries/reactions.ts';
import { signedShortcutQueries } from './queries/signed-shortcuts.ts';
import { statisticsQueries } from './queries/statistics.ts';
import { taskQueries } from './queries/tasks.ts';
import { idempotencyQueries, usageQueries } from './queries/usage.ts';
import { savedReplyQueries, userQueries, whatsappTemplateQueries } from './queries/users.ts';
import { webhookQueries } from './queries/webhooks.ts';
import { cacheReference } from './reference-cache.ts';
import { ensureGeneration, explainOpenError } from './sqlite/database-file.ts';
import { SqliteEngine, type SqliteOptions } from './sqlite/engine.ts';
import { migrate } from './sqlite/migrate.ts';
import { searchQueries } from './sqlite/search-queries.ts';
import { SearchThread } from './sqlite/search-thread.ts';

export interface OpenedStore {
  store: Store;
  /** Migrations that were applied while opening. */
  applied: Migration[];
  /** Random number of this database, different from those of its backups. */
  generation: number;
}

export interface StoreOptions extends Omit<SqliteOptions, 'onCommit'> {
  metrics?: Metrics | undefined;
}

/** Opens a SQLite file, creates it if it is missing, and applies the missing migrations. */
export function openSqliteStore({ metrics, ...options }: StoreOptions): OpenedStore {
  const { engine, applied, generation } = openEngine({ ...options, onCommit: metrics?.committed });
  const search = new SearchThread(options.file);
  const afterCommit: Queries['afterCommit'] =
    metrics === undefined ? ignore : (report) => engine.afterCommit(() => report(metrics));
  const deliveryListeners: Array<(webhookId: string) => void> = [];
  const notifyDelivery = (webhookId: string) => {
    for (const listener of deliveryListeners) listener(webhookId);
  };
  const eventListeners: Array<(tenantId: number) => void> = [];
  const notifyEvents = (tenantId: number) => {
    for (const listener of eventListeners) listener(tenantId);
  };
  const cancelListeners: Array<(message: Message) => void> = [];
  const notifyCancelRequest = (message: Message) => {
    for (const listener of cancelListeners) listener(message);
  };
  const watch = new MessageWatch((run) => engine.afterCommit(run));
  const read = bindQueries({
    sql: engine.read,
    search: searchQueries(engine.read, search),
    afterCommit: ignore,
    onDelivery: ignore,
    onEvent: ignore,
    onCancelRequest: ignore,
    watch: undefined,
  });
  const write = bindQueries({
    sql: engine.write,
    search: searchQueries(engine.write, search),
    afterCommit,
    onDelivery: (webhookId) => engine.afterCommit(() => notifyDelivery(webhookId)),
    onEvent: (tenantId) => engine.afterCommit(() => notifyEvents(tenantId)),
    onCancelRequest: (message) => engine.afterCommit(() => notifyCancelRequest(message)),
    watch,
  });
  return {
    applied,
    generation,
    store: {
      transaction: (work) => engine.transaction(() => work(write)),
      dryRun: (work) => engine.dryRun(() => work(write)),
      read,
      releaseSpace: () => engine.releaseSpace(),
      transactions: () => engine.transactions,
      referenceVersion: () => engine.read.referenceVersion(),
      onDeliveries: (listener) => void deliveryListeners.push(listener),
      onEvents: (listener) => void eventListeners.push(listener),
      onCancelRequests: (listener) => void cancelListeners.push(listener),
      watchMessages: (tenantId, listener) => watch.listen(tenantId, listener),
      onOutsideChange: (listener) => engine.onOutsideChange(listener),
      checkForOutsideChange: () => engine.checkForOutsideChange(),
      async close() {
        await search.close();
        await engine.close();
      },
    },
  };
}

/** @throws DatabaseFileError if the file is damaged or cannot be opened. */
function openEngine(options: SqliteOptions) {
  try {
    const engine = new SqliteEngine(options);
    const applied = migrate(engine.writer, options.file);
    const generation = ensureGeneration(engine.writer);
    engine.endBlocking();
    return { engine, applied, generation };
  } catch (error) {
    throw explainOpenError(options.file, error);
  }
}

const ignore = () => {};

interface Binding {
  sql: Sql;
  search: SearchQueries;
  afterCommit: Queries['afterCommit'];
  /** Called for each inserted delivery, within the transaction. */
  onDelivery: (webhookId: string) => void;
  /** Called for each inserted event, within the transaction. */
  onEvent: (tenantId: number) => void;
  /** Called for each leased message whose cancellation is requested, within the transaction. */
  onCancelRequest: (message: Message) => void;
  /** Receives the changed messages; undefined for reads. */
  watch: MessageWatch | undefined;
}

function bindQueries({
  sql,
  search,
  afterCommit,
  onDelivery,
  onEvent,
  onCancelRequest,
  watch,
}: Binding): Queries {
  return {
    accounts: accountQueries(sql),
    ...cacheReference(sql, {
      credentials: credentialQueries(sql),
      numbers: numberQueries(sql),
      suppressions: suppressionQueries(sql),
      webhooks: webhookQueries(sql),
      streams: streamQueries(sql),
    }),
    devices: deviceQueries(sql),
    messages: messageQueries(sql, onCancelRequest, watch),
    media: mediaQueries(sql),
    reactions: reactionQueries(sql),
    signedShortcuts: signedShortcutQueries(sql),
    idempotency: idempotencyQueries(sql),
    usage: usageQueries(sql),
    pace: paceQueries(sql),
    conversations: conversationQueries(sql),
    projections: projectionQueries(sql),
    search,
    contacts: contactQueries(sql),
    users: userQueries(sql),
    savedReplies: savedReplyQueries(sql),
    whatsappTemplates: whatsappTemplateQueries(sql),
    events: eventQueries(sql, onEvent),
    deliveries: deliveryQueries(sql, onDelivery),
    billing: billingQueries(sql),
    purchases: purchaseQueries(sql),
    auditLog: auditLogQueries(sql),
    tasks: taskQueries(sql),
    erasure: erasureQueries(sql),
    statistics: statisticsQueries(sql),
    members: memberQueries(sql),
    memberSessions: memberSessionQueries(sql),
    signInLinks: signInLinkQueries(sql),
    passkeys: passkeyQueries(sql),
    memberChanges: memberChangeQueries(sql),
    afterCommit,
  };
}
