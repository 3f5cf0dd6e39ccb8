/** Manages the webhooks of an API key at a remote broker. */

import type { paths } from '../../client/src/index.ts';
import type { RemoteBroker } from '../remote-broker.ts';
import type { WebhookSource } from './webhook-source.ts';

type ReplayBody = paths['/v1/webhooks/{id}/replay']['post']['requestBody']['content']['application/json'];
type CreateBody = paths['/v1/webhooks']['post']['requestBody']['content']['application/json'];

export function remoteWebhooks({ homing: { GET, POST, DELETE, unwrap } }: RemoteBroker): WebhookSource {
  const path = (id: string) => ({ params: { path: { id } } });
  return {
    list: async () => (await unwrap(GET('/v1/webhooks'))).webhooks,
    create: (webhook) => unwrap(POST('/v1/webhooks', { body: webhook as CreateBody })),
    async remove(id) {
      await unwrap(DELETE('/v1/webhooks/{id}', path(id)));
    },
    test: (id) => unwrap(POST('/v1/webhooks/{id}/test', path(id))),
    async deliveries(id, limit) {
      const params = { path: { id }, query: { limit } };
      return (await unwrap(GET('/v1/webhooks/{id}/deliveries', { params }))).deliveries;
    },
    async replayEvent(id, eventId) {
      const body = { event_id: eventId };
      const replayed = await unwrap(POST('/v1/webhooks/{id}/replay', { ...path(id), body }));
      if ('replayed' in replayed) throw new Error('The broker returned the response of a time range.');
      return replayed;
    },
    async replaySince(id, since, isUndeliveredOnly) {
      const range = { since: new Date(since).toISOString(), until: new Date().toISOString() };
      let count = 0;
      let next: { cursor?: string } | undefined = {};
      while (next !== undefined) {
        const body: ReplayBody = { ...range, undelivered_only: isUndeliveredOnly, ...next };
        const page = await unwrap(POST('/v1/webhooks/{id}/replay', { ...path(id), body }));
        if (!('replayed' in page)) throw new Error('The broker returned the response of one event.');
        count += page.replayed;
        next = page.cursor === null ? undefined : { cursor: page.cursor };
      }
      return count;
    },
  };
}
