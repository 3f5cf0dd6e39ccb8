/** Serves `POST /shortcuts/v1/report`: the result of a message. A report may be repeated, late, or follow a restart. */
import { z } from 'zod';
import { formatId } from '../../../shared/ids.ts';
import { applyReports } from '../../core/messages/apply-reports.ts';
import { HomingError, invalidRequest } from '../../core/model/errors.ts';
import type { SetupMilestone } from '../../core/ports/numbers.ts';
import type { DeviceContext } from '../../devices/context.ts';
import type { Identity } from '../../devices/session.ts';
import { type Operation, operation } from '../../http/operation.ts';
import { readFields } from './lenient-body.ts';

const SENT = new Set(['sent', 'yes', 'true', '1', 'ok', 'done']);
const FAILED = new Set(['failed', 'no', 'false', '0', 'error']);
const ERROR_MAX_CHARACTERS = 900;

export function reportOperation(
  { store, now, monotonicNow, ids, leaseMs, dispatcher, onEvent }: DeviceContext,
  mark: (identity: Identity, name: SetupMilestone) => Promise<void>,
): Operation<Identity> {
  return operation<Identity, unknown, unknown>({
    id: 'reportMessage',
    method: 'POST',
    path: '/shortcuts/v1/report',
    summary: 'Report that a message was sent or failed',
    responses: {
      200: {
        description: 'Recorded now or before.',
        schema: z.object({ ok: z.boolean(), message: z.string() }),
      },
      400: { description: 'The id or the status is missing.' },
      404: { description: 'The message was never delivered to this phone.' },
    },
    async handle({ caller, request }) {
      const { id = '', status = '', error = '' } = await readFields(request);
      if (id === '') throw invalidRequest("'id' is missing. Pass the id from the response of `next`.", 'id');
      const state = status.trim().toLowerCase();
      if (!SENT.has(state) && !FAILED.has(state)) {
        throw invalidRequest(`'status' was '${status.slice(0, 40)}'; allowed: sent or failed.`, 'status');
      }
      const report = {
        message: id.trim(),
        lease: 'shortcut',
        state: SENT.has(state) ? ('sent' as const) : ('failed' as const),
        ...(SENT.has(state)
          ? {}
          : { error: { code: 'device_error', message: error.slice(0, ERROR_MAX_CHARACTERS) } }),
      };
      const { numberIds, unknown } = await store.transaction((tx) =>
        applyReports(tx, caller.device, [report], { now: now(), ids, leaseUntil: monotonicNow() + leaseMs }),
      );
      if (unknown.length > 0) {
        throw new HomingError('not_found', 'This message was never delivered to this phone.');
      }
      for (const numberId of numberIds) dispatcher.notify(numberId, 'live');
      if (report.state === 'sent') await mark(caller, 'first_message');
      else {
        const device = formatId('dev', caller.device.id);
        onEvent({ kind: 'failed', device, message: report.message, code: 'device_error' });
      }
      return { status: 200, body: { ok: true, message: 'Recorded.' } };
    },
  });
}
