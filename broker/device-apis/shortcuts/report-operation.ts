/**
 * Serves `POST /shortcuts/v1/report`: the result of a message. A report may be repeated, late, or follow a restart. With
 * `journal`, it is the entry that an earlier run of the shortcut left behind.
 */
import { z } from 'zod';
import { formatId } from '../../../shared/ids.ts';
import type { MessageReport } from '../../../shared/protocol.ts';
import { applyReports } from '../../core/messages/apply-reports.ts';
import { HomingError, invalidRequest } from '../../core/model/errors.ts';
import type { SetupMilestone } from '../../core/ports/numbers.ts';
import type { Identity } from '../../devices/authenticate-device.ts';
import type { DeviceContext } from '../../devices/context.ts';
import { type Operation, operation } from '../../http/operation.ts';
import { readJournalEntry } from './journal-entry.ts';
import { readFields } from './lenient-body.ts';

const SENT = new Set(['sent', 'yes', 'true', '1', 'ok', 'done']);
const FAILED = new Set(['failed', 'no', 'false', '0', 'error']);
const ERROR_MAX_CHARACTERS = 900;

export function reportOperation(
  { store, now, monotonicNow, ids, leaseMs, reportTimeoutMs, dispatcher, onEvent }: DeviceContext,
  mark: (identity: Identity, name: SetupMilestone) => Promise<void>,
): Operation<Identity> {
  /** Returns false if the message was never delivered to this phone. */
  const apply = async (caller: Identity, report: MessageReport, extendMs: number): Promise<boolean> => {
    const { numberIds, unknown } = await store.transaction((tx) =>
      applyReports(tx, caller.device, [report], { now: now(), ids, leaseUntil: monotonicNow() + extendMs }),
    );
    if (unknown.length > 0) return false;
    for (const numberId of numberIds) dispatcher.notify(numberId, 'live');
    if (report.state === 'sent') await mark(caller, 'first_message');
    if (report.state === 'failed') {
      const device = formatId('dev', caller.device.id);
      onEvent({ kind: 'failed', device, message: report.message, code: 'device_error' });
    }
    return true;
  };

  return operation<Identity, unknown, unknown>({
    id: 'reportMessage',
    method: 'POST',
    path: '/shortcuts/v1/report',
    summary: 'Report that a message was sent or failed, or what the journal of an earlier run contains',
    responses: {
      200: {
        description: 'Recorded now or before.',
        schema: z.object({ ok: z.boolean(), result: z.literal('ok'), message: z.string() }),
      },
      400: { description: 'The id or the status is missing.' },
      404: { description: 'The message was never delivered to this phone.' },
    },
    async handle({ caller, request }) {
      const fields = await readFields(request);
      if (fields.journal !== undefined) {
        const entry = readJournalEntry(fields.journal);
        if (entry === undefined) return recorded('Nothing to record.');
        // The message may have been deleted since. The shortcut deletes its entry in any case.
        const isKnown = await apply(caller, entry, reportTimeoutMs);
        return recorded(isKnown ? 'Recorded.' : 'The message is unknown.');
      }
      const { id = '', status = '', error = '' } = fields;
      if (id === '') throw invalidRequest("'id' is missing. Pass the id from the response of `next`.", 'id');
      const state = status.trim().toLowerCase();
      if (!SENT.has(state) && !FAILED.has(state)) {
        throw invalidRequest(`'status' was '${status.slice(0, 40)}'; allowed: sent or failed.`, 'status');
      }
      const failure = { code: 'device_error', message: error.slice(0, ERROR_MAX_CHARACTERS) };
      const report = {
        ...{ message: id.trim(), lease: 'shortcut' },
        ...(SENT.has(state) ? { state: 'sent' as const } : { state: 'failed' as const, error: failure }),
      };
      if (!(await apply(caller, report, leaseMs))) {
        throw new HomingError('not_found', 'This message was never delivered to this phone.');
      }
      return recorded('Recorded.');
    },
  });
}

const recorded = (message: string) => ({ status: 200, body: { ok: true, result: 'ok', message } });
