/** Composes the streams of events and of dashboards, which show the changes of all brokers on the database. */
import { ChangeFeed, type ChangeTopic } from '../apis/admin/change-feed.ts';
import { WatchedTenants } from '../cluster/watched-tenants.ts';
import type { HomingEvent } from '../core/model/event.ts';
import type { MessageChange } from '../core/model/message-change.ts';
import type { Cluster } from '../core/ports/cluster.ts';
import type { Store } from '../core/ports/store.ts';
import { EventStreams } from '../delivery/sse/event-streams.ts';
import { LiveStreams } from '../delivery/sse/live-streams.ts';
import type { Runtime } from './runtime.ts';

/** Further changes of a tenant within the window are sent as one message. A frame of a dashboard names no more of them. */
const CHANGES_PER_WINDOW = 100;
const WINDOW_MS = 250;

export interface Streams {
  streams: EventStreams;
  changeFeed: ChangeFeed;
  liveStreams: LiveStreams;
  /** Tenants with streams at other brokers. */
  watched: WatchedTenants;
  /** Sends an event that is not stored to the open streams and dashboards of this broker. */
  showEphemeral(event: HomingEvent): void;
}

export function composeStreams(
  runtime: Pick<Runtime, 'now' | 'monotonicNow' | 'after'>,
  store: Store,
  cluster: Cluster,
): Streams {
  const { now, monotonicNow, after } = runtime;
  const onOpen = (tenantId: number) => watched.opened(tenantId);
  const streams = new EventStreams({ store, now, monotonicNow, onOpen });
  const changeFeed = new ChangeFeed((accountId, tenantId, topics) => {
    // Changes of a whole account are rare.
    if (tenantId === null || watched.has(tenantId))
      cluster.send({ kind: 'topics', accountId, tenantId, topics });
  });
  const liveStreams = new LiveStreams({
    ...{ store, now, monotonicNow, after, onOpen },
    subscribe: (accountId, listener) => changeFeed.subscribe(accountId, listener),
  });
  const watched = new WatchedTenants({
    ...{ cluster, monotonicNow },
    own: () => new Set([...streams.tenantIds(), ...liveStreams.tenantIds()]),
    onWatched: (tenantId) =>
      store.watchMessages(tenantId, changeSender(tenantId, { cluster, monotonicNow, after })),
  });
  store.onEvents((tenantId) => {
    streams.notify(tenantId);
    if (watched.has(tenantId)) cluster.send({ kind: 'events', tenantId });
  });
  const showEphemeral = (event: HomingEvent) => {
    streams.send(event);
    if (!('typing' in event.subject)) return;
    const { conversation, handle } = event.subject.typing;
    const isTyping = event.type === 'typing.started';
    liveStreams.showTyping(event.tenantId, { conversationId: conversation, handle, isTyping });
  };
  cluster.onMessage('events', ({ tenantId }) => streams.notify(tenantId));
  cluster.onMessage('change', ({ change }) => liveStreams.showChange(change));
  cluster.onMessage('changed', ({ tenantId }) => liveStreams.notifyOf(tenantId));
  cluster.onMessage('topics', ({ accountId, tenantId, topics }) =>
    changeFeed.publishHere(accountId, tenantId, topics as readonly ChangeTopic[]),
  );
  cluster.onMessage('ephemeral', ({ event }) => showEphemeral(event));
  return { streams, changeFeed, liveStreams, watched, showEphemeral };
}

function changeSender(
  tenantId: number,
  { cluster, monotonicNow, after }: { cluster: Cluster } & Pick<Runtime, 'monotonicNow' | 'after'>,
): (change: MessageChange) => void {
  let windowEnd = Number.NEGATIVE_INFINITY;
  let count = 0;
  return (change) => {
    const now = monotonicNow();
    if (now >= windowEnd) {
      windowEnd = now + WINDOW_MS;
      count = 0;
    }
    count += 1;
    if (count <= CHANGES_PER_WINDOW) cluster.send({ kind: 'change', change });
    else if (count === CHANGES_PER_WINDOW + 1)
      after(windowEnd - now, () => cluster.send({ kind: 'changed', tenantId }));
  };
}
