/** Tests the sender with programs that violate the protocol of imsg. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { imsgSender } from '../../../relay-agent/senders/imsg-sender.ts';
import { ANN, BEN, setUpImsg, text } from '../../support/fake-mac/imsg-fixture.ts';

const MEGABYTE = 1_000_000;

/** Starts the sender with a program that writes the response of each request. `respond` is JavaScript. */
function setUpProgram(respond: string, timeoutMs = 30_000) {
  const folder = mkdtempSync(join(tmpdir(), 'homing-hostile-'));
  const program = join(folder, 'imsg');
  const script = `
    const respond = ${respond};
    let rest = '';
    process.stdin.setEncoding('utf8').on('data', (chunk) => {
      const lines = (rest + chunk).split('\\n');
      rest = lines.pop();
      for (const line of lines) void Promise.resolve(respond(JSON.parse(line))).then((text) => process.stdout.write(text));
    });`;
  writeFileSync(join(folder, 'imsg.cjs'), script);
  writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${folder}/imsg.cjs'\n`, { mode: 0o755 });
  const problems: string[] = [];
  const onProblem = (problem: string) => problems.push(problem);
  const sender = imsgSender({ program, onProblem, timeoutMs });
  onTestFinished(() => {
    sender.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return { sender, problems };
}

const asResult = (result: string) =>
  `({ id }) => JSON.stringify({ jsonrpc: '2.0', id, result: ${result} }) + '\\n'`;

describe('a program that violates the protocol', () => {
  it('a line without an end does not fill the memory, and the next message is sent', async () => {
    const { sender, behave, problems } = setUpImsg();
    behave(ANN, 'endless line');
    const before = process.memoryUsage().rss;
    expect(await sender.send(text(ANN))).toEqual({
      kind: 'unknown',
      problem: 'imsg: it wrote a line of more than 1000000 characters',
    });
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * MEGABYTE);
    expect(problems).toEqual([
      'imsg: it wrote a line of more than 1000000 characters; it starts again with the next message.',
    ]);
    expect(await sender.send(text(BEN))).toMatchObject({ kind: 'accepted' });
  });

  it('at most ten lines that are not JSON are reported', async () => {
    const { sender, behave, problems } = setUpImsg();
    behave(ANN, 'endless garbage');
    expect(await sender.send(text(ANN))).toMatchObject({ kind: 'accepted' });
    expect(problems).toEqual(
      Array.from({ length: 10 }, (_, line) => `imsg wrote a line that is not a JSON object: garbage ${line}`),
    );
  });

  it.each([
    ['null', 'null'],
    ['a text', '"ready"'],
    ['an empty object', '{}'],
    [
      'too many methods',
      `{ version: '1', methods: Array(2000).fill('send'), database: { ready: true }, bridge: { ready: true } }`,
    ],
    [
      'methods of a wrong type',
      `{ version: '1', methods: [1], database: { ready: true }, bridge: { ready: true } }`,
    ],
  ])('%s as the status is a gap', async (_, result) => {
    const { sender } = setUpProgram(asResult(result));
    expect(await sender.probe()).toMatchObject({
      isReady: false,
      gaps: [{ problem: 'imsg: the response to `initialize` has an unknown form' }],
    });
    expect(await sender.send(text(ANN))).toMatchObject({ kind: 'rejected', code: 'device_error' });
  });

  it('wrong results of a send are accepted without a guid', async () => {
    const result = `{
      version: '1', methods: ['send'], database: { ready: true }, bridge: { ready: false },
      guid: 7, message_id: '', chat_guid: 'x'.repeat(100000),
    }`;
    const { sender } = setUpProgram(asResult(result));
    expect(await sender.send(text(ANN))).toEqual({ kind: 'accepted' });
  });

  it.each([
    ['a text', '"no"'],
    ['an array', '[]'],
    ['an object without a code', `{ message: 'no' }`],
    ['data of a wrong type', `{ code: -32001, message: 'no', data: { disposition: 7, retry_safe: 'yes' } }`],
  ])('%s as the error of a send is an unknown outcome', async (_, error) => {
    const status = `{ version: '1', methods: ['send'], database: { ready: true }, bridge: { ready: false } }`;
    const { sender } = setUpProgram(
      `({ id, method }) => JSON.stringify(method === 'initialize'
        ? { jsonrpc: '2.0', id, result: ${status} }
        : { jsonrpc: '2.0', id, error: ${error} }) + '\\n'`,
    );
    expect(await sender.send(text(ANN))).toMatchObject({ kind: 'unknown' });
  });

  it('a long error message is shortened', async () => {
    const status = `{ version: '1', methods: ['send'], database: { ready: true }, bridge: { ready: false } }`;
    const { sender } = setUpProgram(
      `({ id, method }) => JSON.stringify(method === 'initialize'
        ? { jsonrpc: '2.0', id, result: ${status} }
        : { jsonrpc: '2.0', id, error: { code: -32602, message: 'x'.repeat(100000) } }) + '\\n'`,
    );
    const outcome = await sender.send(text(ANN));
    expect(outcome).toMatchObject({ kind: 'rejected' });
    expect(JSON.stringify(outcome).length).toBeLessThan(700);
  });

  it('the requests of one message share its timeout', async () => {
    const status = `{
      version: '1', methods: ['send', 'send.tracked'], database: { ready: true }, bridge: { ready: true },
    }`;
    // The tracked send is rejected after a second; `send` has no response.
    const { sender } = setUpProgram(
      `async ({ id, method }) => {
        if (method === 'send') return '';
        if (method === 'send.tracked') await new Promise((resolve) => setTimeout(resolve, 1000));
        return JSON.stringify(method === 'initialize'
          ? { jsonrpc: '2.0', id, result: ${status} }
          : { jsonrpc: '2.0', id, error: { code: -32602, message: 'Invalid params' } }) + '\\n';
      }`,
      8_000,
    );
    const outcome = await sender.send(text(ANN));
    expect(outcome).toEqual({
      kind: 'unknown',
      problem: expect.stringMatching(/^imsg: no response within \d+ ms$/),
    });
    expect(Number(JSON.stringify(outcome).match(/(\d+) ms/)?.[1])).toBeLessThanOrEqual(7_000);
  });
});
