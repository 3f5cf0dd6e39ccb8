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
    timeoutMs: PATIENT_MS,
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

describe('requests to imsg', () => {
  it('a text is sent with recipient, service and any characters', async () => {
    const { sender, calls } = setUp();
    const words = 'Line one\nline "two" \u2028 {"jsonrpc":"2.0"} 👋🏽';
    expect(await sender.send(text(ANN, words, 'sms'))).toEqual({ kind: 'accepted' });
    expect(calls().map(({ parameters }) => parameters)).toEqual([{ to: ANN, service: 'sms', text: words }]);
  });

  it('a group message is sent by the guid of the chat, without a service', async () => {
    const { sender, calls } = setUp();
    const group = 'iMessage;+;chat123456';
    expect(await sender.send(text(group))).toEqual({ kind: 'accepted' });
    expect(calls()[0]?.parameters).toEqual({ chat_guid: group, text: 'Hello' });
  });

  it('a file is sent by its path', async () => {
    const { sender, calls } = setUp();
    const content = { kind: 'file', path: '/tmp/a photo.heic' } as const;
    expect(await sender.send({ to: ANN, service: 'imessage', content })).toEqual({ kind: 'accepted' });
    expect(calls()[0]?.parameters).toEqual({ to: ANN, service: 'imessage', file: '/tmp/a photo.heic' });
  });
});

describe('the process of imsg', () => {
  it('one process sends all messages, one after the other', async () => {
    const { sender, calls, processes } = setUp();
    const outcomes = await Promise.all([ANN, BEN, CID].map((to) => sender.send(text(to))));
    expect(outcomes).toEqual([{ kind: 'accepted' }, { kind: 'accepted' }, { kind: 'accepted' }]);
    expect(calls().map(({ parameters }) => parameters.to)).toEqual([ANN, BEN, CID]);
    expect(processes()).toBe(1);
  });

  it('imsg starts again with the next message after it died', async () => {
    const { sender, behave, problems, processes } = setUp();
    behave(ANN, 'deliver, then die');
    expect(await sender.send(text(ANN))).toEqual({ kind: 'accepted' });
    await until('the exit of imsg to be reported', () => problems.length > 0);
    expect(problems).toEqual(['imsg: it exited with 3; it starts again with the next message.']);
    expect(await sender.send(text(BEN))).toEqual({ kind: 'accepted' });
    expect(processes()).toBe(2);
  });

  it('other lines around the response are ignored and reported', async () => {
    const { sender, behave, problems } = setUp();
    behave(ANN, 'deliver after other lines');
    expect(await sender.send(text(ANN))).toEqual({ kind: 'accepted' });
    expect(problems).toEqual([
      'imsg wrote a line that is not a JSON object: Welcome!',
      'imsg wrote a line that is not a JSON object: null',
    ]);
  });

  it.each(['script failed', 'lane blocked', 'automation denied'] as const)(
    'a new process is used after the error "%s"',
    async (behaviour) => {
      const { sender, behave, processes } = setUp();
      behave(ANN, behaviour);
      await sender.send(text(ANN));
      expect(await sender.send(text(BEN))).toEqual({ kind: 'accepted' });
      expect(processes()).toBe(2);
    },
  );
});

describe('a rejected message', () => {
  it('a missing program is a rejection with install instructions', async () => {
    const { sender } = setUp({ program: '/nonexistent/imsg' });
    expect(await sender.send(text(ANN))).toEqual({
      kind: 'rejected',
      code: 'device_error',
      problem:
        "The program '/nonexistent/imsg' was not found. Install imsg with: brew install steipete/tap/imsg",
    });
  });

  it('a failed start is a rejection with the reason', async () => {
    const { sender } = setUp({ program: '/' });
    const outcome = await sender.send(text(ANN));
    expect(outcome).toMatchObject({ kind: 'rejected', code: 'device_error' });
    expect(outcome).toMatchObject({ problem: expect.stringContaining('EACCES') });
  });

  it.each(['automation denied', 'automation denied, since 0.14', 'no disk access'] as const)(
    'a missing permission is a rejection: %s',
    async (behaviour) => {
      const { sender, behave } = setUp();
      behave(ANN, behaviour);
      expect(await sender.send(text(ANN))).toMatchObject({ kind: 'rejected', code: 'permission_denied' });
    },
  );

  it.each([
    ['no such method', 'imsg: Method not found: send'],
    [
      'not started',
      'imsg: Delivery failed before dispatch: The attachment could not be staged before dispatch.',
    ],
    ['lane blocked', 'imsg: Mutation lane blocked: A prior send remains in flight.'],
  ] as const)('a message that imsg did not start to send is rejected: %s', async (behaviour, problem) => {
    const { sender, behave } = setUp();
    behave(ANN, behaviour);
    expect(await sender.send(text(ANN))).toEqual({ kind: 'rejected', code: 'device_error', problem });
  });

  it('invalid parameters are a rejection', async () => {
    const { sender } = setUp();
    expect(await sender.send(text(ANN, ''))).toEqual({
      kind: 'rejected',
      code: 'device_error',
      problem: 'imsg: Invalid params: text or file is required',
    });
  });

  it('a message that waited too long is rejected and never reaches imsg', async () => {
    const { sender, behave, calls } = setUp({ queueMs: 200 });
    behave(ANN, 'no response');
    const first = sender.send(text(ANN));
    expect(await sender.send(text(BEN))).toEqual({
      kind: 'rejected',
      code: 'device_error',
      problem: 'imsg was busy with other messages for 200 ms.',
    });
    await until('the first message to reach imsg', () => calls().length > 0);
    sender.close();
    expect(await first).toMatchObject({ kind: 'unknown' });
    expect(calls().map(({ parameters }) => parameters.to)).toEqual([ANN]);
  });

  it('close rejects waiting and later messages', async () => {
    const { sender, behave, calls } = setUp();
    behave(ANN, 'no response');
    const first = sender.send(text(ANN));
    const second = sender.send(text(BEN));
    await until('the first message to reach imsg', () => calls().length > 0);
    sender.close();
    const stopping = { kind: 'rejected', code: 'device_error', problem: 'The relay agent is stopping.' };
    expect(await first).toEqual({ kind: 'unknown', problem: 'imsg: it was stopped' });
    expect(await second).toEqual(stopping);
    expect(await sender.send(text(CID))).toEqual(stopping);
    expect(calls()).toHaveLength(1);
  });
});

describe('a message with an unknown outcome', () => {
  it('a missing response has an unknown outcome, and the next message is sent', async () => {
    const { sender, behave, processes } = setUp({ timeoutMs: IMPATIENT_MS });
    behave(ANN, 'no response');
    const [first, second] = await Promise.all([sender.send(text(ANN)), sender.send(text(BEN))]);
    expect(first).toEqual({
      kind: 'unknown',
      problem: `imsg: no response within ${IMPATIENT_MS} ms`,
    });
    expect(second).toEqual({ kind: 'accepted' });
    expect(processes()).toBe(2);
  });

  it('a crash of imsg has an unknown outcome, and the next message is sent', async () => {
    const { sender, behave } = setUp();
    behave(ANN, 'die');
    expect(await sender.send(text(ANN))).toEqual({
      kind: 'unknown',
      problem: 'imsg: it exited with 70: Fatal error: out of luck',
    });
    expect(await sender.send(text(BEN))).toEqual({ kind: 'accepted' });
  });

  it.each(['script failed', 'outcome unknown'] as const)(
    'an error after the start has an unknown outcome: %s',
    async (behaviour) => {
      const { sender, behave } = setUp();
      behave(ANN, behaviour);
      expect(await sender.send(text(ANN))).toMatchObject({ kind: 'unknown' });
    },
  );
});
