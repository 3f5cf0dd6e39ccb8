/** Emits `typing.started` and `typing.stopped` for the typing items of devices. Nothing is stored or repeated. */
import type { IdSource } from '../../shared/ids.ts';
import type { InboundItem } from '../../shared/protocol.ts';
import { MinuteLimit } from '../core/accounts/minute-limit.ts';
import { isBlockedSender } from '../core/contacts/sender-rules.ts';
import { type InboundDevice, participantsOf } from '../core/messages/inbound-item.ts';
import { conversationId } from '../core/model/conversation.ts';
import type { HomingEvent } from '../core/model/event.ts';
import type { Store } from '../core/ports/store.ts';

/** Further items of a device are dropped. */
const ITEMS_PER_MINUTE = 600;

export interface TypingEventsOptions {
  store: Store;
  ids: IdSource;
  now: () => number;
  monotonicNow: () => number;
  /** Delivers an event at once to open streams and subscribed webhooks. */
  deliver(event: HomingEvent): Promise<void>;
}

export class TypingEvents {
  readonly #options: TypingEventsOptions;
  readonly #limit: MinuteLimit;
  /** The latest delivery of each device. */
  readonly #latest = new Map<string, Promise<void>>();

  constructor(options: TypingEventsOptions) {
    this.#options = options;
    this.#limit = new MinuteLimit(options.monotonicNow);
  }

  /** Settles when the event is delivered. The events of a device keep their order. */
  report(device: InboundDevice, item: InboundItem): Promise<void> {
    const delivery = (this.#latest.get(device.id) ?? Promise.resolve()).then(() => this.#emit(device, item));
    const settled = delivery
      .catch(() => {})
      .then(() => {
        if (this.#latest.get(device.id) === settled) this.#latest.delete(device.id);
      });
    this.#latest.set(device.id, settled);
    return delivery;
  }

  async #emit(device: InboundDevice, item: InboundItem): Promise<void> {
    const participants = participantsOf(device, item);
    if (item.from_me || item.typing === undefined || participants === undefined) return;
    if (!this.#limit.take(device.id, ITEMS_PER_MINUTE).isAllowed) return;
    const { store, ids, now, deliver } = this.#options;
    const { number, handle } = participants;
    if (await isBlockedSender(store.read, device.tenantId, handle)) return;
    const chat = item.chat?.includes(';+;') ? item.chat : undefined;
    const group = chat === undefined ? undefined : await store.read.groups.findByGuid(number.id, chat);
    const direct = conversationId({ numberId: number.id, recipient: chat ?? handle });
    await deliver({
      id: ids(),
      tenantId: device.tenantId,
      type: item.typing === 'start' ? 'typing.started' : 'typing.stopped',
      messageId: null,
      subject: {
        typing: {
          numberId: number.id,
          ownNumber: number.phoneNumber,
          conversation: group?.conversationId ?? direct,
          handle,
          isGroup: chat !== undefined,
        },
      },
      createdAt: now(),
    });
  }
}
