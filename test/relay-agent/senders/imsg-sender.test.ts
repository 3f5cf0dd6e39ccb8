import { describe, expect, it } from 'vitest';
import { ANN, acceptedTo, BEN, CID, setUpImsg, text } from '../../support/fake-mac/imsg-fixture.ts';
import { sendingTo } from '../../support/fake-mac/sendings.ts';
import { until } from '../../support/until.ts';

const IMPATIENT_MS = 3_000;

describe('requests to imsg', () => {
  it('a text is sent with recipient, service and any characters', async () => {
    const { sender, calls } = setUpImsg();
    const words = 'Line one\nline "two" \u2028 {"jsonrpc":"2.0"} 👋🏽';
    expect(await sender.send(text(ANN, words, { service: 'sms' }))).toEqual({
      kind: 'accepted',
      guid: 'GUID-1',
      chat: `SMS;-;${ANN}`,
    });
    expect(calls().map(({ parameters }) => parameters)).toEqual([
      { to: ANN, service: 'sms', text: words, transport: 'applescript' },
    ]);
  });

  it('a group message is sent by the guid of the chat, without a service', async () => {
    const { sender, calls } = setUpImsg();
    const group = 'iMessage;+;chat123456';
    expect(await sender.send(text(group))).toEqual({ kind: 'accepted', guid: 'GUID-1', chat: group });
    expect(calls()[0]?.parameters).toEqual({ chat_guid: group, text: 'Hello', transport: 'applescript' });
  });

  it('a file is sent by its path', async () => {
    const { sender, calls } = setUpImsg();
    const content = { kind: 'file', path: '/tmp/a photo.heic' } as const;
    expect(await sender.send(sendingTo(ANN, content))).toEqual(acceptedTo(ANN, 1));
    expect(calls()[0]?.parameters).toEqual({
      to: ANN,
      service: 'imessage',
      file: '/tmp/a photo.heic',
      transport: 'applescript',
    });
  });
});

describe('the process of imsg', () => {
  it('one process sends all messages, one after the other', async () => {
    const { sender, calls, processes } = setUpImsg();
    const outcomes = await Promise.all([ANN, BEN, CID].map((to) => sender.send(text(to))));
    expect(outcomes).toEqual([acceptedTo(ANN, 1), acceptedTo(BEN, 2), acceptedTo(CID, 3)]);
    expect(calls().map(({ parameters }) => parameters.to)).toEqual([ANN, BEN, CID]);
    expect(processes()).toBe(1);
  });

  it('imsg starts again with the next message after it died', async () => {
    const { sender, behave, problems, processes } = setUpImsg();
    behave(ANN, 'deliver, then die');
    expect(await sender.send(text(ANN))).toEqual(acceptedTo(ANN, 1));
    await until('the exit of imsg to be reported', () => problems.length > 0);
    expect(problems).toEqual(['imsg: it exited with 3; it starts again with the next message.']);
    expect(await sender.send(text(BEN))).toEqual(acceptedTo(BEN, 2));
    expect(processes()).toBe(2);
  });

  it('other lines around the response are ignored and reported', async () => {
    const { sender, behave, problems } = setUpImsg();
    behave(ANN, 'deliver after other lines');
    expect(await sender.send(text(ANN))).toEqual(acceptedTo(ANN, 1));
    expect(problems).toEqual([
      'imsg wrote a line that is not a JSON object: Welcome!',
      'imsg wrote a line that is not a JSON object: null',
    ]);
  });

  it.each(['script failed', 'lane blocked', 'automation denied'] as const)(
    'a new process is used after the error "%s"',
    async (behaviour) => {
      const { sender, behave, processes } = setUpImsg();
      behave(ANN, behaviour);
      await sender.send(text(ANN));
      expect(await sender.send(text(BEN))).toEqual(acceptedTo(BEN, 1));
      expect(processes()).toBe(2);
    },
  );
});

describe('a rejected message', () => {
  it('a missing program is a rejection with install instructions', async () => {
    const { sender } = setUpImsg({}, { program: '/nonexistent/imsg' });
    expect(await sender.send(text(ANN))).toEqual({
      kind: 'rejected',
      code: 'device_error',
      problem:
        "The program '/nonexistent/imsg' was not found. Install imsg with: brew install steipete/tap/imsg",
    });
  });

  it('a failed start is a rejection with the reason', async () => {
    const { sender } = setUpImsg({}, { program: '/' });
    const outcome = await sender.send(text(ANN));
    expect(outcome).toMatchObject({ kind: 'rejected', code: 'device_error' });
    expect(outcome).toMatchObject({ problem: expect.stringContaining('EACCES') });
  });

  it.each(['automation denied', 'automation denied, since 0.14', 'no disk access'] as const)(
    'a missing permission is a rejection: %s',
    async (behaviour) => {
      const { sender, behave } = setUpImsg();
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
    const { sender, behave } = setUpImsg();
    behave(ANN, behaviour);
    expect(await sender.send(text(ANN))).toEqual({ kind: 'rejected', code: 'device_error', problem });
  });

  it('invalid parameters are a rejection', async () => {
    const { sender } = setUpImsg();
    expect(await sender.send(text(ANN, ''))).toEqual({
      kind: 'rejected',
      code: 'device_error',
      problem: 'imsg: Invalid params: text or file is required',
    });
  });

  it('a message that waited too long is rejected and never reaches imsg', async () => {
    const { sender, behave, calls } = setUpImsg({}, { queueMs: 200 });
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
    const { sender, behave, calls } = setUpImsg();
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
    const { sender, behave, processes } = setUpImsg({}, { timeoutMs: IMPATIENT_MS });
    behave(ANN, 'no response');
    const [first, second] = await Promise.all([sender.send(text(ANN)), sender.send(text(BEN))]);
    expect(first).toEqual({
      kind: 'unknown',
      problem: `imsg: no response within ${IMPATIENT_MS} ms`,
    });
    expect(second).toEqual(acceptedTo(BEN, 1));
    expect(processes()).toBe(2);
  });

  it('a crash of imsg has an unknown outcome, and the next message is sent', async () => {
    const { sender, behave } = setUpImsg();
    behave(ANN, 'die');
    expect(await sender.send(text(ANN))).toEqual({
      kind: 'unknown',
      problem: 'imsg: it exited with 70: Fatal error: out of luck',
    });
    expect(await sender.send(text(BEN))).toEqual(acceptedTo(BEN, 1));
  });

  it.each(['script failed', 'outcome unknown'] as const)(
    'an error after the start has an unknown outcome: %s',
    async (behaviour) => {
      const { sender, behave } = setUpImsg();
      behave(ANN, behaviour);
      expect(await sender.send(text(ANN))).toMatchObject({ kind: 'unknown' });
    },
  );
});
