/**
 * Checks a full disk: sends return 503 and are not stored, accepted messages stay, and sends succeed again with free
 * space. The kernel's limit on the file size simulates the disk: writes fail at the same place.
 */
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { startHoming } from '../support/homing-process.ts';
import { allMessages } from '../support/message-status.ts';
import { unlimitedPlansFile } from '../support/plans.ts';
import { until } from '../support/until.ts';

/** Room for more than 100 messages, although a full batch of 20 may be rejected as a whole. */
const LIMIT_BYTES = 4_000_000;
const CONTENT = 'x'.repeat(5_000);

const hasPrlimit = spawnSync('prlimit', ['--version']).status === 0;

describe('a full disk', () => {
  const limits: Array<{ name: string; env: Record<string, string>; isByKernel: boolean }> = [
    { name: 'the setting HOMING_MAX_DATABASE_MB', env: { HOMING_MAX_DATABASE_MB: '3' }, isByKernel: false },
    ...(hasPrlimit ? [{ name: 'the kernel', env: {}, isByKernel: true }] : []),
  ];

  it.each(limits)(
    'makes sends and /readyz return 503, and loses no accepted message ($name)',
    async ({ env, isByKernel }) => {
      const homing = await startHoming({ HOMING_PLANS_FILE: unlimitedPlansFile(), ...env });
      try {
        await homing.cli('pair', '+14155550199', '--json');
        if (isByKernel) {
          const { status, stderr } = spawnSync('prlimit', [
            '--pid',
            String(homing.pid()),
            `--fsize=${LIMIT_BYTES}`,
          ]);
          expect(status, String(stderr)).toBe(0);
        }
        const send = async (content: string) => {
          const response = await fetch(`${homing.url}/v1/messages/send`, {
            method: 'POST',
            headers: { 'x-api-key': homing.liveKey, 'content-type': 'application/json' },
            body: JSON.stringify({ from: '+14155550199', to: '+14155550100', content }),
          });
          const body = (await response.json()) as { id: string };
          return { status: response.status, headers: response.headers, body };
        };
        const accepted: string[] = [];
        const rejected = await until('the disk to be full', async () => {
          const responses = await Promise.all(Array.from({ length: 20 }, () => send(CONTENT)));
          for (const { status, body } of responses) if (status === 202) accepted.push(body.id);
          return responses.find(({ status }) => status !== 202);
        });
        expect(rejected.status).toBe(503);
        expect(rejected.body).toEqual({ error: { code: 'unavailable', message: expect.any(String) } });
        expect(Number(rejected.headers.get('retry-after'))).toBeGreaterThan(0);
        expect(accepted.length).toBeGreaterThan(100);

        // Room for a part of a batch is left.
        await until('a single message to be rejected', async () => {
          const { status, body } = await send(CONTENT);
          if (status === 202) accepted.push(body.id);
          return status === 503;
        });
        // A load balancer must not choose this broker, although the process runs.
        const statusOf = async (path: string) => (await fetch(`${homing.url}${path}`)).status;
        await until('/readyz to return 503', async () => (await statusOf('/readyz')) === 503);
        expect(await statusOf('/healthz')).toBe(200);

        // The broker still responds, and has exactly the accepted messages.
        const stored = await allMessages(homing.url, homing.liveKey);
        expect(stored.map(({ id }) => id).sort()).toEqual([...accepted].sort());

        await homing.kill();
        await homing.restart({ HOMING_MAX_DATABASE_MB: '0' });
        expect(await statusOf('/readyz')).toBe(200);
        expect((await send('the disk has space again')).status).toBe(202);
        expect(await allMessages(homing.url, homing.liveKey)).toHaveLength(accepted.length + 1);
      } finally {
        await homing.dispose();
      }
    },
  );
});
