/**
 * Runs tools for all transports: checks the scopes, validates the parameters, runs the tool with a timeout and inserts
 * one row into the audit log. Rejected calls are recorded too.
 */

import { type AuditOutcome, auditedParams } from '../../core/model/audit-entry.ts';
import { HomingError } from '../../core/model/errors.ts';
import type { Store } from '../../core/ports/store.ts';
import { validate } from '../../http/validate.ts';
import { formatErrorCode } from '../textree/errors.ts';
import { missingScope } from '../textree/scopes.ts';
import type { AnyTool, ToolCaller } from './tool.ts';

export interface ToolRunnerOptions {
  store: Pick<Store, 'transaction'>;
  ids: () => string;
  now: () => number;
  /** Calls `run` once after `ms` milliseconds. Returns a function that cancels the timer. */
  after(ms: number, run: () => void): () => void;
  /** Called if the audit entry of a call could not be stored. The call is not affected. */
  onUnrecorded(error: unknown): void;
}

/** Returns the result of the tool. @throws HomingError */
export type RunTool = (tool: AnyTool, caller: ToolCaller, params: unknown) => Promise<object>;

type Outcome = { outcome: 'ok'; result: object } | { outcome: Exclude<AuditOutcome, 'ok'>; error: unknown };

export function createToolRunner(options: ToolRunnerOptions): RunTool {
  const { store, ids, now, after, onUnrecorded } = options;

  const attempt = async (tool: AnyTool, caller: ToolCaller, params: unknown): Promise<Outcome> => {
    let input: unknown;
    try {
      const revocation = await caller.revocation();
      if (revocation !== undefined) throw revocation;
      for (const scope of ['mcp:execute', ...tool.scopes] as const) {
        if (!caller.may(scope)) throw missingScope(scope);
      }
      input = readInput(tool, params);
    } catch (error) {
      return { outcome: 'refused', error };
    }
    try {
      return { outcome: 'ok', result: await withTimeout(tool, tool.run(caller, input), after) };
    } catch (error) {
      const isTimeout = error instanceof HomingError && error.code === 'timed_out';
      return { outcome: isTimeout ? 'timed_out' : 'failed', error };
    }
  };

  return async (tool, caller, params) => {
    const at = now();
    const ended = await attempt(tool, caller, params);
    const entry = {
      id: ids(),
      tenantId: caller.tenant.id,
      credentialId: caller.credentialId,
      tool: tool.name,
      through: caller.through,
      params: auditedParams(params ?? {}),
      outcome: ended.outcome,
      errorCode: ended.outcome === 'ok' ? null : codeOf(ended.error),
      durationMs: Math.max(0, Math.round(now() - at)),
      at,
    };
    // A read must also succeed if the disk is full.
    await store.transaction((tx) => tx.auditLog.insert(entry)).catch(onUnrecorded);
    if (ended.outcome === 'ok') return ended.result;
    throw ended.error;
  };
}

/** The error message contains all issues, so that an assistant can correct them in one call. */
function readInput({ input }: AnyTool, params: unknown): unknown {
  try {
    return validate(input, params ?? {}, 'body');
  } catch (error) {
    if (!(error instanceof HomingError)) throw error;
    const { code, param, issues } = error;
    const message = [...new Set(issues.map((issue) => issue.message))].join(' ');
    throw new HomingError(code, message, { issues, ...(param === undefined ? {} : { param }) });
  }
}

/** Rejects after the timeout. The tool is not aborted and may still complete. */
function withTimeout(
  { name, timeoutMs, isReadOnly }: AnyTool,
  running: Promise<object>,
  after: ToolRunnerOptions['after'],
): Promise<object> {
  return new Promise((resolve, reject) => {
    const cancelTimer = after(timeoutMs, () =>
      reject(
        new HomingError('timed_out', `${name} did not complete within ${timeoutMs / 1000} s.`, {
          fix: isReadOnly
            ? 'Retry later.'
            : 'The call may still complete. Retry with the same idempotency_key, which prevents a second send. Without a key, check the conversation first.',
        }),
      ),
    );
    running.then(resolve, reject).finally(cancelTimer);
  });
}

function codeOf(error: unknown): string {
  return error instanceof HomingError ? formatErrorCode(error) : 'internal_error';
}
