/**
 * The one way in which a tool is run, whichever way it was called: the scopes, the parameters, the tool within its
 * time, and one row that says how it ended. What is refused is kept as well.
 */

import { type AuditOutcome, auditedParams } from '../../core/model/audit-entry.ts';
import { HomingError } from '../../core/model/errors.ts';
import type { Store } from '../../core/ports/store.ts';
import { validate } from '../../http/validate.ts';
import { advisingCode } from '../textree/errors.ts';
import { missingScope } from '../textree/scopes.ts';
import type { AnyTool, ToolCaller } from './tool.ts';

export interface ToolRunnerOptions {
  store: Pick<Store, 'transaction'>;
  ids: () => string;
  now: () => number;
  /** Calls back once after so many milliseconds; gives what calls it off. */
  after(ms: number, run: () => void): () => void;
  /** A call could not be written down; it was answered all the same. */
  onUnrecorded(error: unknown): void;
}

/** What the tool gives. @throws HomingError */
export type RunTool = (tool: AnyTool, caller: ToolCaller, params: unknown) => Promise<object>;

type Ended = { outcome: 'ok'; result: object } | { outcome: Exclude<AuditOutcome, 'ok'>; error: unknown };

export function createToolRunner(options: ToolRunnerOptions): RunTool {
  const { store, ids, now, after, onUnrecorded } = options;

  const attempt = async (tool: AnyTool, caller: ToolCaller, params: unknown): Promise<Ended> => {
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
      return { outcome: 'ok', result: await withinTime(tool, tool.run(caller, input), after) };
    } catch (error) {
      const isLate = error instanceof HomingError && error.code === 'timed_out';
      return { outcome: isLate ? 'timed_out' : 'failed', error };
    }
  };

  return async (tool, caller, params) => {
    const at = now();
    const ended = await attempt(tool, caller, params);
    const call = {
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
    // With a full disk what is there can still be read.
    await store.transaction((tx) => tx.auditLog.insert(call)).catch(onUnrecorded);
    if (ended.outcome === 'ok') return ended.result;
    throw ended.error;
  };
}

/** Everything that is wrong is said at once, so that an assistant can put it right at once. */
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

/** What has begun is not broken off: it may still be done when its time is over. */
function withinTime(
  { name, timeoutMs, isReadOnly }: AnyTool,
  running: Promise<object>,
  after: ToolRunnerOptions['after'],
): Promise<object> {
  return new Promise((resolve, reject) => {
    const callOff = after(timeoutMs, () =>
      reject(
        new HomingError('timed_out', `${name} was not done within ${timeoutMs / 1000} s.`, {
          fix: isReadOnly
            ? 'Try again in a while.'
            : 'It may still be done. Try again with the same idempotency_key, so that it is not done twice; without one, look first.',
        }),
      ),
    );
    running.then(resolve, reject).finally(callOff);
  });
}

function codeOf(error: unknown): string {
  return error instanceof HomingError ? advisingCode(error) : 'internal_error';
}
