/** Streams the changes of an environment to open pages, as server-sent events. */
import { formatId } from '../../../../shared/ids.ts';
import type { LiveStreamItem } from '../../../core/model/live-stream.ts';
import { type AdminOperation, adminOperation } from '../admin-operation.ts';
import type { ChangeTopic } from '../change-feed.ts';
import type { LiveFrameBody } from '../developers/event-schemas.ts';
import { errorResponse } from '../errors.ts';
import type { EventOptions } from '../options.ts';

const RETRY_MS = 2_000;

export function eventOperations({ openLiveStream }: EventOptions): AdminOperation[] {
  return [
    adminOperation({
      id: 'streamChanges',
      method: 'GET',
      path: '/dashboard/api/:environment/events',
      summary: 'Stream changes as server-sent events',
      permission: 'viewer',
      responses: { 200: { description: 'Frames.', contentType: 'text/event-stream' }, 429: errorResponse },
      async handle({ caller: { member, sessionId, tenant } }) {
        const stream = openLiveStream({ memberId: member.id, sessionId, tenant });
        return {
          status: 200,
          contentType: 'text/event-stream; charset=utf-8',
          headers: { 'cache-control': 'no-store', 'x-accel-buffering': 'no' },
          stream: { chunks: formatFrames(stream.items), onClose: stream.close },
        };
      },
    }),
  ];
}

async function* formatFrames(items: AsyncIterable<LiveStreamItem>): AsyncGenerator<Uint8Array> {
  yield Buffer.from(`retry: ${RETRY_MS}\n\n`);
  for await (const item of items) {
    yield Buffer.from(
      item.kind === 'ping' ? ': still here\n\n' : `data: ${JSON.stringify(frameOf(item))}\n\n`,
    );
  }
}

function frameOf(item: Exclude<LiveStreamItem, { kind: 'ping' }>): LiveFrameBody {
  if (item.kind === 'all') return { all: true };
  return {
    messages: item.messages.map(({ id, conversationId }) => ({
      id: formatId('msg', id),
      conversationId: formatId('conv', conversationId),
    })),
    groups: item.groups.map((id) => formatId('conv', id)),
    typing: item.typing.map(({ conversationId, ...one }) => ({
      ...one,
      conversationId: formatId('conv', conversationId),
    })),
    topics: [...item.topics] as ChangeTopic[],
  };
}
