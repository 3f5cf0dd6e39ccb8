import { afterEach, describe, expect, it } from 'vitest';
import { type ImsgOptions, imsgSender } from '../../../relay-agent/senders/imsg-sender.ts';
import type { Sending } from '../../../relay-agent/senders/sender.ts';
import { type FakeImsg, installImsg } from '../../support/fake-mac/imsg.ts';
import { until } from '../../support/until.ts';

const ANN = '+14155550101';
const BEN = '+14155550102';
const CID = '+14155550103';
/** Long enough for a process to start on a busy machine. */
const PATIENT_MS = 30_000;
const IMPATIENT_MS = 3_000;

const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

function setUp(options: Partial<ImsgOptions> = {}) {
  const imsg: FakeImsg = installImsg();
  const problems: string[] = [];
  const sender = imsgSender({
    program: imsg.program,
    answerMs: PATIENT_MS,
    onProblem: (problem) => problems.push(problem),
    ...options,
  });
  cleanUps.push(() => sender.close(), imsg.remove);
  const processes = () => new Set(imsg.calls().map(({ pid }) => pid)).size;
  return { ...imsg, sender, problems, processes };
}

function text(to: string, words = 'Hello', service: Sending['service'] = 'imessage'): Sending {
  return { to, service, content: { kind: 'text', text: words } };
}

describe('what imsg is asked', () => {
  it('names the person, the service and the text, whatever characters are in it', async () => {
    const { sender, calls } = setUp();
    const words = 'Line one\nline "two" \u2028 {"jsonrpc":"2.0"} 👋🏽';
    expect(await sender.send(text(ANN, words, 'sms'))).toEqual({ kind: 'handed' });
    expect(calls().map(({ parameters }) => parameters)).toEqual([{ to: ANN, service: 'sms', text: words }]);
  });

  it('names a group by the guid of its chat, and leaves the service to it', async () => {
    const { sender, calls } = setUp();
    const group = 'iMessage;+;chat123456';
    expect(await sender.send(text(group))).toEqual({ kind: 'handed' });
    expect(calls()[0]?.parameters).toEqual({ chat_guid: group, text: 'Hello' });
  });

  it('names a file by its path', async () => {
    const { sender, calls } = setUp();
    const content = { kind: 'file', path: '/tmp/a photo.heic' } as const;
    expect(await sender.send({ to: ANN, service: 'imessage', content })).toEqual({ kind: 'handed' });
    expect(calls()[0]?.parameters).toEqual({ to: ANN, service: 'imessage', file: '/tmp/a photo.heic' });
  });
});

describe('the process of imsg', () => {
  it('serves all messages, one after the other', async () => {
    const { sender, calls, processes } = setUp();
    const outcomes = await Promise.all([ANN, BEN, CID].map((to) => sender.send(text(to))));
    expect(outcomes).toEqual([{ kind: 'handed' }, { kind: 'handed' }, { kind: 'handed' }]);
    expect(calls().map(({ parameters }) => parameters.to)).toEqual([ANN, BEN, CID]);
    expect(processes()).toBe(1);
  });

  it('starts anew with the next message when it died between two', async () => {
    const { sender, behave, problems, processes } = setUp();
    behave(ANN, 'deliver, then die');
    expect(await sender.send(text(ANN))).toEqual({ kind: 'handed' });
    await until('the end of imsg to be told', () => problems.length > 0);
    expect(problems).toEqual(['imsg: it ended with 3; it starts again with the next message.']);
    expect(await sender.send(text(BEN))).toEqual({ kind: 'handed' });
    expect(processes()).toBe(2);
  });

  it('may write other lines around its answer', async () => {
    const { sender, behave, problems } = setUp();
    behave(ANN, 'deliver after other lines');
    expect(await sender.send(text(ANN))).toEqual({ kind: 'handed' });
    expect(problems).toEqual([
      'imsg wrote a line that is no JSON object: Welcome!',
      'imsg wrote a line that is no JSON object: null',
    ]);
  });

  it.each(['script failed', 'lane blocked', 'automation denied'] as const)(
    'is another one after the answer "%s"',
    async (behaviour) => {
      const { sender, behave, processes } = setUp();
      behave(ANN, behaviour);
      await sender.send(text(ANN));
      expect(await sender.send(text(BEN))).toEqual({ kind: 'handed' });
      expect(processes()).toBe(2);
    },
  );
});

describe('a refused message', () => {
  it('says how to install imsg where there is none', async () => {
    const { sender } = setUp({ program: '/nonexistent/imsg' });
    expect(await sender.send(text(ANN))).toEqual({
      kind: 'refused',
      code: 'device_error',
      problem: "There is no program '/nonexistent/imsg'. Install imsg with: brew install steipete/tap/imsg",
    });
  });

  it('says why imsg does not start', async () => {
    const { sender } = setUp({ program: '/' });
    const outcome = await sender.send(text(ANN));
    expect(outcome).toMatchObject({ kind: 'refused', code: 'device_error' });
    expect(outcome).toMatchObject({ problem: expect.stringContaining('EACCES') });
  });

  it.each(['automation denied', 'automation denied, since 0.14', 'no disk access'] as const)(
    'is one without permission: %s',
    async (behaviour) => {
      const { sender, behave } = setUp();
      behave(ANN, behaviour);
      expect(await sender.send(text(ANN))).toMatchObject({ kind: 'refused', code: 'permission_denied' });
    },
  );

  it.each([
    ['no such method', 'imsg: Method not found: send'],
    [
      'not started',
      'imsg: Delivery failed before dispatch: The attachment could not be staged before dispatch.',
    ],
    ['lane blocked', 'imsg: Mutation lane blocked: A prior send remains in flight.'],
  ] as const)('is one that imsg did not begin: %s', async (behaviour, problem) => {
    const { sender, behave } = setUp();
    behave(ANN, behaviour);
    expect(await sender.send(text(ANN))).toEqual({ kind: 'refused', code: 'device_error', problem });
  });

  it('is one with parameters that imsg does not take', async () => {
    const { sender } = setUp();
    expect(await sender.send(text(ANN, ''))).toEqual({
      kind: 'refused',
      code: 'device_error',
      problem: 'imsg: Invalid params: text or file is required',
    });
  });

  it('is one that waited too long for those before it, and never reaches imsg', async () => {
    const { sender, behave, calls } = setUp({ turnMs: 200 });
    behave(ANN, 'no answer');
    const first = sender.send(text(ANN));
    expect(await sender.send(text(BEN))).toEqual({
      kind: 'refused',
      code: 'device_error',
      problem: 'imsg was busy with other messages for 200 ms.',
    });
    await until('the first to reach imsg', () => calls().length > 0);
    sender.close();
    expect(await first).toMatchObject({ kind: 'unclear' });
    expect(calls().map(({ parameters }) => parameters.to)).toEqual([ANN]);
  });

  it('is each that comes after the end, or waits for its turn then', async () => {
    const { sender, behave, calls } = setUp();
    behave(ANN, 'no answer');
    const first = sender.send(text(ANN));
    const second = sender.send(text(BEN));
    await until('the first to reach imsg', () => calls().length > 0);
    sender.close();
    const stopping = { kind: 'refused', code: 'device_error', problem: 'The relay agent is stopping.' };
    expect(await first).toEqual({ kind: 'unclear', problem: 'imsg: it was stopped' });
    expect(await second).toEqual(stopping);
    expect(await sender.send(text(CID))).toEqual(stopping);
    expect(calls()).toHaveLength(1);
  });
});

describe('a message that may have been sent', () => {
  it('is one without an answer in time, and the next does not wait for it any more', async () => {
    const { sender, behave, processes } = setUp({ answerMs: IMPATIENT_MS });
    behave(ANN, 'no answer');
    const [first, second] = await Promise.all([sender.send(text(ANN)), sender.send(text(BEN))]);
    expect(first).toEqual({
      kind: 'unclear',
      problem: `imsg: there was no answer within ${IMPATIENT_MS} ms`,
    });
    expect(second).toEqual({ kind: 'handed' });
    expect(processes()).toBe(2);
  });

  it('is one during which imsg died, and the next is sent', async () => {
    const { sender, behave } = setUp();
    behave(ANN, 'die');
    expect(await sender.send(text(ANN))).toEqual({
      kind: 'unclear',
      problem: 'imsg: it ended with 70: Fatal error: out of luck',
    });
    expect(await sender.send(text(BEN))).toEqual({ kind: 'handed' });
  });

  it.each(['script failed', 'outcome unknown'] as const)(
    'is one of which imsg is not sure: %s',
    async (behaviour) => {
      const { sender, behave } = setUp();
      behave(ANN, behaviour);
      expect(await sender.send(text(ANN))).toMatchObject({ kind: 'unclear' });
    },
  );
});
