/** Makes a store of an engine: binds the queries, and calls the listeners after the commits. */

import type { Message } from '../core/model/message.ts';
import type { SearchQueries } from '../core/ports/inbox.ts';
import type { Metrics } from '../core/ports/metrics.ts';
import type { Queries, Store } from '../core/ports/store.ts';
import { bindQueries } from './bind-queries.ts';
import type { Sql } from './database.ts';
import type { Engine } from './engine.ts';
import { MessageWatch } from './message-watch.ts';

export interface StoreParts {
  engine: Engine;
  /** The full-text search differs between the engines. */
  searchQueries: (sql: Sql) => SearchQueries;
  metrics: Metrics | undefined;
  /** Default: the database does not store months separately. */
  deleteMonths?: Store['deleteMonths'];
  /** Closes the engine and what belongs to it. */
  close: () => Promise<void>;
}

export function createStore({
  engine,
  searchQueries,
  metrics,
  deleteMonths = async () => 0,
  close,
}: StoreParts): Store {
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
  const notifyCancellation = (message: Message) => {
    for (const listener of cancelListeners) listener(message);
  };
  const watch = new MessageWatch((run) => engine.afterCommit(run));
  const read = bindQueries({
    sql: engine.read,
    search: searchQueries(engine.read),
    afterCommit: ignore,
    onDelivery: ignore,
    onEvent: ignore,
    onCancellation: ignore,
    watch: undefined,
  });
  const write = bindQueries({
    sql: engine.write,
    search: searchQueries(engine.write),
    afterCommit,
    onDelivery: (webhookId) => engine.afterCommit(() => notifyDelivery(webhookId)),
    onEvent: (tenantId) => engine.afterCommit(() => notifyEvents(tenantId)),
    onCancellation: (message) => engine.afterCommit(() => notifyCancellation(message)),
    watch,
  });
  return {
    transaction: (work) => engine.transaction(() => work(write)),
    dryRun: (work) => engine.dryRun(() => work(write)),
    read,
    maintain: (now) => engine.maintain(now),
    deleteMonths,
    bytes: () => engine.bytes(),
    transactions: () => engine.transactions,
    referenceVersion: () => engine.read.referenceVersion(),
    onDeliveries: (listener) => void deliveryListeners.push(listener),
    onEvents: (listener) => void eventListeners.push(listener),
    onCancellations: (listener) => void cancelListeners.push(listener),
    watchMessages: (tenantId, listener) => watch.listen(tenantId, listener),
    onOutsideChange: (listener) => engine.onOutsideChange(listener),
    checkForOutsideChange: () => engine.checkForOutsideChange(),
    close,
  };
}

const ignore = () => {};
