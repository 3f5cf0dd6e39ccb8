/**
 * Serves `POST /shortcuts/v1/inbound`: an inbound message. iOS provides no message id, so equal texts from one sender
 * within the same minute are one message. An automation that runs twice is recorded once.
 */
import { z } from 'zod';
import { formatId } from '../../../shared/ids.ts';
import { isPhoneNumber, normalizeHandle, parseNationalNumber } from '../../../shared/phone-numbers.ts';
import { recordInbound } from '../../core/messages/receive-message.ts';
import { invalidRequest } from '../../core/model/errors.ts';
import type { SetupMilestone } from '../../core/ports/numbers.ts';
import type { DeviceContext } from '../../devices/context.ts';
import type { Identity } from '../../devices/session.ts';
import { type Operation, operation } from '../../http/operation.ts';
import { readFields } from './lenient-body.ts';

const MINUTE_MS = 60_000;
const TEXT_MAX_CHARACTERS = 100_000;
const SHORT_CODE = /^\d{3,8}$/;

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
        schema: z.object({ ok: z.boolean(), is_new: z.boolean(), message: z.string() }),
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
      const minute = Math.floor(receivedAt / MINUTE_MS);
      const guid = `shortcut-${secrets.hash(JSON.stringify([from, text, minute]))}`;
      const item = {
        guid,
        from,
        ...(own === undefined ? {} : { to: own }),
        service: 'iMessage',
        text: text.slice(0, TEXT_MAX_CHARACTERS),
        media: [],
        sent_at: new Date(receivedAt).toISOString(),
        from_me: false,
      };
      const { id, tenantId } = caller.device;
      const stored = await store.transaction((tx) =>
        recordInbound(tx, { id, tenantId, numbers: caller.numbers }, [item], { now: now(), ids, lateMs }),
      );
      const isNew = stored.length > 0;
      onEvent({ kind: 'inbound', device: formatId('dev', id), from, isNew });
      if (isNew) await mark(caller, 'first_message');
      return {
        status: 200,
        body: {
          ok: true,
          is_new: isNew,
          message: isNew ? 'Recorded.' : 'This message was already recorded.',
        },
      };
    },
  });
}

/** Normalizes the sender. A number without a country code is in the country of the own number. */
function readSender(given: string, own: string | undefined): string {
  const handle = normalizeHandle(given);
  if (handle === '') throw invalidRequest("'from' is missing. Pass the sender of the message.", 'from');
  if (isPhoneNumber(handle) || SHORT_CODE.test(handle) || handle.includes('@')) return handle;
  const national = own === undefined ? undefined : parseNationalNumber(given, own);
  if (national !== undefined) return national;
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
