/** Tests the socket of the agent with real connections. */
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type AgentSocketOptions,
  type AgentStatus,
  agentStatusAt,
  openAgentSocket,
  runChecksInAgent,
} from '../../../relay-agent/setup/agent-socket.ts';
import { type Check, failed, passed } from '../../../relay-agent/setup/check.ts';

const STATUS: AgentStatus = {
  pid: 4711,
  version: '1.2.3-1f2e3d4c',
  program: '/bin/homing-relay',
  node: '24.1.0',
  connected: true,
};
let folder: string;
let file: string;
let problems: string[];
const opened: Array<() => void> = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'homing-socket-'));
  file = join(folder, 'agent.sock');
  problems = [];
});
afterEach(() => {
  for (const close of opened.splice(0)) close();
  rmSync(folder, { recursive: true, force: true });
});

async function open(change: Partial<AgentSocketOptions> = {}): Promise<void> {
  opened.push(
    await openAgentSocket({
      file,
      status: () => STATUS,
      checks: () => [],
      onProblem: (problem) => problems.push(problem),
      ...change,
    }),
  );
}

function statusOf(method: string, path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath: file, method, path, agent: false }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode));
    });
    sent.on('error', reject).end();
  });
}

describe('the socket of the agent', () => {
  it('the status is readable by the owner only', async () => {
    await open();
    expect(await agentStatusAt(file)).toEqual(STATUS);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(problems).toEqual([]);
  });

  it('findings arrive one by one, in the order of the checks', async () => {
    const first = Promise.withResolvers<void>();
    const checks: Check[] = [
      { name: 'one', run: async () => passed('Fine.') },
      { name: 'two', run: () => first.promise.then(() => failed('Bad.', 'Do this.')) },
    ];
    const requests: Array<string | undefined> = [];
    await open({
      checks: ({ sendTest }) => {
        requests.push(sendTest);
        return checks;
      },
    });
    const names: string[] = [];
    const findings = await runChecksInAgent(file, { sendTest: '+14155550199' }, ({ name }) => {
      names.push(name);
      first.resolve();
    });
    expect(names).toEqual(['one', 'two']);
    expect(findings[1]).toEqual({ name: 'two', ok: false, detail: 'Bad.', fix: '1. Do this.' });
    await runChecksInAgent(file, { sendTest: '' }, () => {});
    await runChecksInAgent(file, { sendTest: undefined }, () => {});
    expect(requests).toEqual(['+14155550199', '', undefined]);
  });

  it('one request runs checks at a time, and the next one is accepted afterwards', async () => {
    const end = Promise.withResolvers<void>();
    const started = Promise.withResolvers<void>();
    const run = () => {
      started.resolve();
      return end.promise.then(() => passed('Fine.'));
    };
    await open({ checks: () => [{ name: 'slow', run }] });
    const running = runChecksInAgent(file, { sendTest: undefined }, () => {});
    await started.promise;
    await expect(runChecksInAgent(file, { sendTest: undefined }, () => {})).rejects.toThrow(
      'it runs checks for another command',
    );
    expect(await agentStatusAt(file)).toEqual(STATUS);
    end.resolve();
    expect(await running).toHaveLength(1);
    expect(await runChecksInAgent(file, { sendTest: undefined }, () => {})).toHaveLength(1);
  });

  it('an agent that ends during the checks is an error', async () => {
    const started = Promise.withResolvers<void>();
    const run = () => {
      started.resolve();
      return new Promise<never>(() => {});
    };
    await open({ checks: () => [{ name: 'endless', run }] });
    const running = runChecksInAgent(file, { sendTest: undefined }, () => {});
    const rejected = expect(running).rejects.toThrow();
    await started.promise;
    for (const close of opened.splice(0)) close();
    await rejected;
    expect(existsSync(file)).toBe(false);
  });

  it('invalid requests are rejected', async () => {
    await open();
    expect(await statusOf('GET', '/other')).toBe(404);
    expect(await statusOf('GET', '/checks')).toBe(404);
    expect(await statusOf('POST', `/checks?send_test=${'1'.repeat(50)}`)).toBe(400);
    const client = connect(file);
    const closed = new Promise((resolve) => client.once('close', resolve));
    client.resume().end('nonsense\r\n\r\n');
    await closed;
    expect(await agentStatusAt(file)).toEqual(STATUS);
  });

  it('the socket of a killed agent is replaced, and the one of a running agent stays', async () => {
    writeFileSync(file, '');
    await open();
    expect(problems).toEqual([]);
    await open({ status: () => ({ ...STATUS, pid: 1 }) });
    expect(problems).toEqual([expect.stringContaining('Another agent uses')]);
    expect(await agentStatusAt(file)).toEqual(STATUS);
  });

  it('a path that is too long for a socket is reported', async () => {
    await open({ file: join(folder, 'x'.repeat(110)) });
    expect(problems).toEqual([expect.stringContaining('too long for a socket')]);
    expect(await agentStatusAt(join(folder, 'none.sock'))).toBeUndefined();
  });
});
