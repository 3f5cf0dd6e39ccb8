/** How a tool is run: within its time, and never without a row that says how it ended. */
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

/** A tool that is done when the test says so. */
function slowTool(change: Partial<AnyTool> = {}) {
  const { promise, resolve, reject } = Promise.withResolvers<object>();
  const begun = Promise.withResolvers<void>();
  const run = () => {
    begun.resolve();
    return promise;
  };
  return { slow: toolOf({ ...change, run }), begun: begun.promise, resolve, reject };
}

describe('a tool that takes longer than its time', () => {
  it('is answered without, and kept as timed out; what it does later changes nothing of that', async () => {
    const { slow, begun, reject } = slowTool();
    const answer = runTool(slow, caller, { thing: 'a' }).catch((error: unknown) => error);
    await begun;
    clock.advance(1_000);
    const { status, body } = mapError((await answer) as HomingError, 'req_1');
    expect(status).toBe(504);
    expect(body).toEqual({
      error: {
        code: 'timed_out',
        message: 'things.do was not done within 1 s.',
        fix: 'Try again in a while.',
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

  it('that changes something says how to go on without doing it twice', async () => {
    const { slow, begun } = slowTool({ isReadOnly: false, timeoutMs: 10_000 });
    const answer = runTool(slow, caller, {}).catch((error: unknown) => error);
    await begun;
    clock.advance(10_000);
    expect(await answer).toMatchObject({
      message: 'things.do was not done within 10 s.',
      fix: expect.stringMatching(/may still be done\. Try again with the same idempotency_key/),
    });
  });

  it('has all of its time, and its timer ends with it', async () => {
    const { slow, begun, resolve } = slowTool();
    const answer = runTool(slow, caller, {});
    await begun;
    clock.advance(999);
    resolve({ done: true });
    expect(await answer).toEqual({ done: true });
    expect(clock.untilNext()).toBeUndefined();
    expect(await newest()).toMatchObject({ outcome: 'ok', errorCode: null, durationMs: 999 });
  });
});

describe('a tool that fails', () => {
  it.each([
    ['with an error of ours', notFound('Thing'), 'not_found'],
    [
      'with one that has another word for assistants',
      new HomingError('recipient_suppressed', 'No.'),
      'workspace_suppressed',
    ],
    ['with a fault', new TypeError('x is not a function'), 'internal_error'],
  ])('%s is kept as failed, and says so', async (_what, error, code) => {
    await expect(runTool(toolOf({ run: () => Promise.reject(error) }), caller, {})).rejects.toBe(error);
    expect(await newest()).toMatchObject({ outcome: 'failed', errorCode: code });
  });
});

describe('a tool that is not begun', () => {
  const unused = toolOf({ run: () => Promise.reject(new Error('it was begun')), scopes: ['messages:write'] });

  it.each<[string, Partial<ToolCaller>, unknown, string]>([
    ['without mcp:execute', { may: (scope) => scope !== 'mcp:execute' }, {}, 'insufficient_scope'],
    ['without its own scope', { may: (scope) => scope === 'mcp:execute' }, {}, 'insufficient_scope'],
    ['for a key that was revoked', { revocation: async () => unauthorized() }, {}, 'unauthorized'],
    ['with parameters of another form', {}, { thing: 5 }, 'invalid_request'],
    ['with parameters that it does not have', {}, { other: 'a' }, 'invalid_request'],
  ])('%s is kept as refused', async (_what, change, params, code) => {
    await expect(runTool(unused, { ...caller, ...change }, params)).rejects.toBeInstanceOf(HomingError);
    expect(await newest()).toMatchObject({ outcome: 'refused', errorCode: code });
  });
});

describe('a call that cannot be written down', () => {
  it('is answered all the same, and the broker is told', async () => {
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
