/**
 * Serves `POST /shortcuts/v1/inbound`: an inbound message. iOS provides no message id, so equal texts from one sender
 * within the same minute are one message. An automation that runs twice is recorded once, and so are several
 * automations that match one text.
 */
import { z } from 'zod';
import { formatId } from '../../../shared/ids.ts';
import { normalizeHandle } from '../../../shared/phone-numbers.ts';
import { recordInbound } from '../../core/messages/receive-message.ts';
import { invalidRequest } from '../../core/model/errors.ts';
import type { SetupMilestone } from '../../core/ports/numbers.ts';
import type { Identity } from '../../devices/authenticate-device.ts';
import type { DeviceContext } from '../../devices/context.ts';
import { type Operation, operation } from '../../http/operation.ts';
import { readFields } from './lenient-body.ts';
import { groupOfRecipients, readHandle } from './recipients.ts';

const MINUTE_MS = 60_000;
const TEXT_MAX_CHARACTERS = 100_000;
/** Maximum time between two automations that run for one message. */
const REPEAT_MAX_MS = 10_000;

export function inboundOperation(
  { store, secrets, now, ids, lateMs, onEvent }: DeviceContext,
  mark: (identity: Identity, name: SetupMilestone) => Promise<void>,
): Operation<Identity> {
  return operation<Identity, unknown, unknown>({
    id: 'receiveMessage',
    method: 'POST',
    path: '/shortcuts/v1/inbound',
    summary: 'Report an inbound message',
    responses: {
      200: {
        description: 'Recorded now or before.',
        schema: z.object({
          ok: z.boolean(),
          result: z.literal('ok'),
          is_new: z.boolean(),
          message: z.string(),
        }),
      },
      400: {
        description: 'The sender is not a number, or a field is missing; see `message`.',
      },
    },
    async handle({ caller, request }) {
      const fields = await readFields(request);
      const own = caller.numbers[0]?.phoneNumber;
      const from = readSender(fields.from ?? '', own);
      const text = fields.text ?? '';
      if (text.trim() === '') {
        throw invalidRequest("'text' is empty. Pass the content of the Shortcut Input as text.", 'text');
      }
      const receivedAt = readTime(fields.received_at, now());
      const group = groupOfRecipients(fields.recipients, { from, own });
      const minute = Math.floor(receivedAt / MINUTE_MS);
      const guidOf = (at: number) =>
        `shortcut-${secrets.hash(JSON.stringify(group === undefined ? [from, text, at] : [from, text, at, group.chat]))}`;
      const item = {
        guid: guidOf(minute),
        from,
        ...(own === undefined ? {} : { to: own }),
        ...group,
        service: 'iMessage',
        text: text.slice(0, TEXT_MAX_CHARACTERS),
        media: [],
        sent_at: new Date(receivedAt).toISOString(),
        from_me: false,
      };
      const { id, tenantId } = caller.device;
      const stored = await store.transaction(async (tx) => {
        const number = caller.numbers[0];
        const earlier = number && (await tx.messages.findByGuid(number.id, guidOf(minute - 1)));
        // The same message, reported before and after a full minute.
        if (earlier !== undefined && receivedAt - (earlier.sentAt ?? 0) <= REPEAT_MAX_MS) return [];
        const device = { id, tenantId, numbers: caller.numbers };
        return recordInbound(tx, device, [item], { now: now(), ids, lateMs });
      });
      const isNew = stored.length > 0;
      onEvent({ kind: 'inbound', device: formatId('dev', id), from, isNew });
      if (isNew) for (const step of ['first_message', 'received'] as const) await mark(caller, step);
      return {
        status: 200,
        body: {
          ok: true,
          result: 'ok',
          is_new: isNew,
          message: isNew ? 'Recorded.' : 'This message was already recorded.',
        },
      };
    },
  });
}

function readSender(given: string, own: string | undefined): string {
  if (normalizeHandle(given) === '') {
    throw invalidRequest("'from' is missing. Pass the sender of the message.", 'from');
  }
  const handle = readHandle(given, own);
  if (handle !== undefined) return handle;
  throw invalidRequest(
    `'${given.slice(0, 60)}' is the name of a contact, not a number. In the shortcut, choose the sender's phone ` +
      'number (tap the variable, then Phone Number), or create the automation for messages from unknown senders.',
    'from',
  );
}

/** Shortcuts formats dates in many ways. An unreadable or future date counts as now. */
function readTime(given: string | undefined, now: number): number {
  const at = given === undefined ? Number.NaN : Date.parse(given);
  return Number.isNaN(at) || at > now ? now : at;
}
