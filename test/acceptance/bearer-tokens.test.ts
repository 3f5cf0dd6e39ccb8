/** Tests the creation of bearer tokens for the Textree API at the command line. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type HomingProcess, startHoming } from '../support/homing-process.ts';
import { textreeClient } from '../support/textree-client.ts';

let homing: HomingProcess;
beforeAll(async () => {
  homing = await startHoming();
});
afterAll(() => homing?.dispose());

const create = (...args: string[]) => homing.cli('keys', 'create', ...args);

it('homing keys create --prefix txt prints a token of txt_ and 40 characters', async () => {
  const created = await create('--prefix', 'txt', '--environment', 'test', '--label', 'Bot', '--json');
  expect(created.status, created.stderr).toBe(0);
  expect(created.json).toEqual([
    {
      id: expect.stringMatching(/^key_[0-9a-z]{26}$/),
      key: expect.stringMatching(/^txt_[a-z0-9]{40}$/),
      label: 'Bot',
      permissions: ['*'],
      environment: 'test',
      account: 'default',
    },
  ]);
  expect(created.stderr).toBe('');
  const plain = await create('--prefix', 'txt');
  expect(plain.stdout).toMatch(/^txt_[a-z0-9]{40}\n$/);
});

it('a token is valid only for its environment', async () => {
  const token = async (environment: string) =>
    (await create('--prefix', 'txt', '--environment', environment, '--json')).json[0].key;
  const test = textreeClient(homing.url, await token('test'));
  expect((await test.post('/messages', { phone_number: '+15005550010', body: 'Hi' })).status).toBe(202);
  const live = textreeClient(homing.url, await token('live'));
  const response = await live.post('/messages', { phone_number: '+15005550010', body: 'Hi' });
  expect(response.body.error.message).toMatch(/no number that can send/);
});

it('homing keys create prints a key with the prefix tb_ by default', async () => {
  expect((await create('--json')).json[0].key).toMatch(/^tb_live_[a-z0-9]{32}$/);
  expect((await create('--prefix', 'tb', '--json')).json[0].key).toMatch(/^tb_live_[a-z0-9]{32}$/);
});

it('homing keys create accepts messages:write as an alias of messages:send', async () => {
  const created = await create('--permissions', 'messages:write, messages:send,mcp:execute', '--json');
  expect(created.json[0].permissions).toEqual(['messages:send', 'mcp:execute']);
});

it('homing keys list omits the token itself, and a revoked token gets a 401 response', async () => {
  const { id, key } = (await create('--prefix', 'txt', '--environment', 'test', '--json')).json[0];
  const listed = await homing.cli('keys', 'list', '--json');
  expect(listed.stdout).toContain(id);
  expect(listed.stdout).not.toContain(key.slice(4));
  const client = textreeClient(homing.url, key);
  expect((await client.get('/numbers')).status).toBe(200);
  expect((await homing.cli('keys', 'revoke', id)).status).toBe(0);
  expect((await client.get('/numbers')).status).toBe(401);
});

it.each(['bearer', 'TXT', ''])(
  'homing keys create rejects the prefix %j with the allowed values',
  async (prefix) => {
    const result = await create('--prefix', prefix);
    expect(result.status).toBe(2);
    expect(result.stderr).toContain(`--prefix was given '${prefix}'; allowed: tb or txt.`);
    expect(result.stdout).toBe('');
  },
);

it('homing keys create rejects an unknown permission', async () => {
  const result = await create('--permissions', 'messages:writes');
  expect(result.status).toBe(2);
  expect(result.stderr).toContain("--permissions was given 'messages:writes'");
});
