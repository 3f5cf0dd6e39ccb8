/** Tests the tool runner: timeouts, errors, rejected calls and the audit log. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createToolRunner, type RunTool } from '../../../../broker/apis/mcp/run-tool.ts';
import { type AnyTool, parameters, type ToolCaller, tool } from '../../../../broker/apis/mcp/tool.ts';
import { mapError } from '../../../../broker/apis/textree/errors.ts';
import { HomingError, notFound, unauthorized } from '../../../../broker/core/model/errors.ts';
import { createManualClock, type ManualClock } from '../../../support/manual-clock.ts';
import { type TemporaryStore, temporaryStore } from '../../../support/temporary-store.ts';

let base: TemporaryStore;
let clock: ManualClock;
let runTool: RunTool;
let caller: ToolCaller;
let unrecorded: unknown[];
beforeAll(async () => {
  base = await temporaryStore();
});
afterAll(() => base.close());
beforeEach(() => {
  clock = createManualClock();
  unrecorded = [];
  runTool = createToolRunner({
    ...clock,
    store: base.store,
    ids: base.ids,
    onUnrecorded: (error) => unrecorded.push(error),
  });
  caller = {
    tenant: base.live,
    plan: { apiRequestsPerMinute: 1, messagesPerMinute: 1, messagesPerMonth: 1, numbers: 1, media: true },
    credentialId: null,
    through: 'stdio',
    may: () => true,
    revocation: async () => undefined,
    send: () => Promise.reject(new Error('nothing is sent here')),
    act: () => Promise.reject(new Error('nothing is changed here')),
    openGroup: () => Promise.reject(new Error('no group is created here')),
  };
});

const toolOf = (change: Partial<AnyTool>): AnyTool => ({
  ...tool({
    name: 'things.do',
    title: 'Do a thing',
    description: '',
    input: parameters({ thing: z.string().optional() }),
    output: z.object({}),
    scopes: [],
    timeoutMs: 1_000,
    isReadOnly: true,
    example: {},
    run: async () => ({}),
  }),
  ...change,
});
const newest = async () => (await base.store.read.auditLog.list(base.live.id, { limit: 1 }))[0];

/** Returns a tool that completes when the test resolves it. */
function slowTool(change: Partial<AnyTool> = {}) {
  const { promise, resolve, reject } = Promise.withResolvers<object>();
  const started = Promise.withResolvers<void>();
  const run = () => {
    started.resolve();
    return promise;
  };
  return { slow: toolOf({ ...change, run }), started: started.promise, resolve, reject };
}

describe('the timeout of a tool', () => {
  it('fails the call with 504 and records it as timed_out, even if the tool completes later', async () => {
    const { slow, started, reject } = slowTool();
    const response = runTool(slow, caller, { thing: 'a' }).catch((error: unknown) => error);
    await started;
    clock.advance(1_000);
    const { status, body } = mapError((await response) as HomingError, 'req_1');
    expect(status).toBe(504);
    expect(body).toEqual({
      error: {
        code: 'timed_out',
        message: 'things.do did not complete within 1 s.',
        fix: 'Retry later.',
        retry: 'retry_later',
        request_id: 'req_1',
      },
    });
    expect(await newest()).toMatchObject({
      ...{ tool: 'things.do', through: 'stdio', credentialId: null, params: '{"thing":"a"}' },
      ...{ outcome: 'timed_out', errorCode: 'timed_out', durationMs: 1_000 },
    });
    reject(new Error('later'));
    await expect(base.store.read.auditLog.list(base.live.id, { limit: 10 })).resolves.toHaveLength(1);
  });

  it('returns how to retry without a second effect if the tool is not read-only', async () => {
    const { slow, started } = slowTool({ isReadOnly: false, timeoutMs: 10_000 });
    const response = runTool(slow, caller, {}).catch((error: unknown) => error);
    await started;
    clock.advance(10_000);
    expect(await response).toMatchObject({
      message: 'things.do did not complete within 10 s.',
      fix: expect.stringMatching(/may still complete\. Retry with the same idempotency_key/),
    });
  });

  it('does not affect a tool that completes in time, and its timer is cancelled', async () => {
    const { slow, started, resolve } = slowTool();
    const response = runTool(slow, caller, {});
    await started;
    clock.advance(999);
    resolve({ done: true });
    expect(await response).toEqual({ done: true });
    expect(clock.untilNext()).toBeUndefined();
    expect(await newest()).toMatchObject({ outcome: 'ok', errorCode: null, durationMs: 999 });
  });
});

describe('a tool that fails', () => {
  it.each([
    ['with a HomingError', notFound('Thing'), 'not_found'],
    [
      'with an error that has another code in this API',
      new HomingError('recipient_suppressed', 'No.'),
      'workspace_suppressed',
    ],
    ['with an unexpected error', new TypeError('x is not a function'), 'internal_error'],
  ])('%s is recorded as failed and rejects with the error', async (_case, error, code) => {
    await expect(runTool(toolOf({ run: () => Promise.reject(error) }), caller, {})).rejects.toBe(error);
    expect(await newest()).toMatchObject({ outcome: 'failed', errorCode: code });
  });
});

describe('a rejected call', () => {
  const unused = toolOf({
    run: () => Promise.reject(new Error('the tool was run')),
    scopes: ['messages:write'],
  });

  it.each<[string, Partial<ToolCaller>, unknown, string]>([
    ['without mcp:execute', { may: (scope) => scope !== 'mcp:execute' }, {}, 'insufficient_scope'],
    ['without the scope of the tool', { may: (scope) => scope === 'mcp:execute' }, {}, 'insufficient_scope'],
    ['with a revoked key', { revocation: async () => unauthorized() }, {}, 'unauthorized'],
    ['with an invalid parameter', {}, { thing: 5 }, 'invalid_request'],
    ['with an unknown parameter', {}, { other: 'a' }, 'invalid_request'],
  ])('%s is recorded as refused', async (_case, change, params, code) => {
    await expect(runTool(unused, { ...caller, ...change }, params)).rejects.toBeInstanceOf(HomingError);
    expect(await newest()).toMatchObject({ outcome: 'refused', errorCode: code });
  });
});

describe('a call that cannot be recorded', () => {
  it('returns its result and reports the problem to onUnrecorded', async () => {
    const full = new HomingError('unavailable', 'The disk is full.');
    const run = createToolRunner({
      ...clock,
      store: { transaction: () => Promise.reject(full) },
      ids: base.ids,
      onUnrecorded: (error) => unrecorded.push(error),
    });
    expect(await run(toolOf({ run: async () => ({ read: true }) }), caller, {})).toEqual({ read: true });
    expect(unrecorded).toEqual([full]);
  });
});
