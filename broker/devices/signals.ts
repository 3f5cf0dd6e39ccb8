/** Sends typing indicators and read receipts to a device that is connected to any broker. A signal that cannot be written now is dropped. */
import type { Conversation } from '../core/model/conversation.ts';
import type { Signal, SignalOutcome } from '../core/model/signal.ts';
import type { Tenant } from '../core/model/tenant.ts';
import type { Store } from '../core/ports/store.ts';
import type { ReachableDevices } from './reachable-devices.ts';

const CAPABILITIES = { typing: 'typing', read: 'read_receipts' } as const satisfies Record<
  Signal['kind'],
  string
>;

export type SendSignal = (
  tenant: Tenant,
  conversation: Conversation,
  signal: Signal,
) => Promise<SignalOutcome>;

export function signalSender({
  store: { read },
  reachable,
}: {
  store: Store;
  reachable: Pick<ReachableDevices, 'findCapable'>;
}): SendSignal {
  return async ({ id: tenantId, environment }, conversation, signal) => {
    if (environment === 'test') return 'sent';
    const { numberId } = conversation;
    const number = await read.numbers.find(tenantId, numberId);
    if (number === undefined || number.provider !== null) return 'unsupported';
    const capability = CAPABILITIES[signal.kind];
    const place = placeOf(conversation);
    if (place !== undefined) {
      const device = await reachable.findCapable(tenantId, [numberId], capability);
      if (await device?.signal({ from: number.phoneNumber, ...place, ...signal })) return 'sent';
    }
    const devices = await read.devices.capabilitiesOf(numberId);
    const mayBeAble = devices.length === 0 || devices.some((names) => names?.includes(capability) ?? true);
    return mayBeAble ? 'offline' : 'unsupported';
  };
}

/** Returns undefined for a group that no device has created yet. */
function placeOf({ recipient, isGroup, group }: Conversation): { to: string } | { chat: string } | undefined {
  if (!isGroup) return { to: recipient };
  const guid = group === null ? recipient : group.guid;
  return guid === null ? undefined : { chat: guid };
}
