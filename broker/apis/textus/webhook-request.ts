/** Serializes events for TextUs integrations: headers and body. */
import { formatId } from '../../../shared/ids.ts';
import type { HomingEvent } from '../../core/model/event.ts';
import type { Queries } from '../../core/ports/store.ts';
import { actionOf } from './integration-actions.ts';
import { LINK_MS, loadSerializerContext, serializeMessage } from './message-serializers.ts';

export async function eventRequest(
  event: HomingEvent,
  read: Queries,
  linkTo: (mediaId: string, until: number) => string,
  now: number,
  sign: (body: string) => string,
) {
  const { id, tenantId, type, createdAt, subject } = event;
  const message = 'message' in subject ? subject.message : undefined;
  const action = actionOf(type) ?? type;
  const body = JSON.stringify({
    id: formatId('evt', id),
    action,
    createdAt: new Date(createdAt).toISOString(),
    ...(message === undefined
      ? {}
      : {
          message: serializeMessage(
            message,
            await loadSerializerContext(read, tenantId, [message], (mediaId) =>
              linkTo(mediaId, now + LINK_MS),
            ),
          ),
        }),
    ...('handle' in subject ? { contact: { phone: subject.handle } } : {}),
  });
  return { headers: { 'x-textus-action': action, 'x-textus-signature': `sha256=${sign(body)}` }, body };
}
