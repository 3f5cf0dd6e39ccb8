/** Stores the messages of a device and emits its typing events. */
import { formatId } from '../../shared/ids.ts';
import type { InboundItem } from '../../shared/protocol.ts';
import type { InboundDevice } from '../core/messages/inbound-item.ts';
import { recordInbound } from '../core/messages/receive-message.ts';
import { type Identity, whileAuthentic } from './authenticate-device.ts';
import type { DeviceContext } from './context.ts';

/** Settles after the commit. */
export async function applyInboundItems(
  session: Pick<Identity, 'device' | 'numbers' | 'tokenHash'>,
  items: readonly InboundItem[],
  context: DeviceContext,
): Promise<void> {
  const { store, now, ids, lateMs, typing, onEvent, onFault } = context;
  const device: InboundDevice = { ...session.device, numbers: session.numbers };
  const stored = items.filter((item) => item.typing === undefined);
  if (stored.length > 0) {
    const messages = await store.transaction((tx) =>
      whileAuthentic(tx, session, context, () =>
        recordInbound(tx, device, stored, { now: now(), ids, lateMs }),
      ),
    );
    const guids = new Set(messages.map(({ guid }) => guid));
    for (const { guid, from } of stored) {
      onEvent({ kind: 'inbound', device: formatId('dev', device.id), from, isNew: guids.has(guid) });
    }
  }
  for (const item of items) {
    if (item.typing !== undefined) typing.report(device, item).catch(onFault);
  }
}
