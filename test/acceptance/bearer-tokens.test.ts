/** Bearer tokens as Textree's clients know them, made at the command line. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type HomingProcess, startHoming } from '../support/homing-process.ts';
import { textreeClient } from '../support/textree-client.ts';

let homing: HomingProcess;
beforeAll(async () => {
  homing = await startHoming();
});
afterAll(() => homing?.dispose());

const create = (...args: string[]) => homing.cli('keys', 'create', ...args);

it('a token is txt_ and 40 characters, and is printed like a key', async () => {
  const made = await create('--prefix', 'txt', '--environment', 'test', '--label', 'Bot', '--json');
  expect(made.status, made.stderr).toBe(0);
  expect(made.json).toEqual([
    {
      id: expect.stringMatching(/^key_[0-9a-z]{26}$/),
      key: expect.stringMatching(/^txt_[a-z0-9]{40}$/),
      label: 'Bot',
      permissions: ['*'],
      environment: 'test',
      account: 'default',
    },
  ]);
  expect(made.stderr).toBe('');
  const plain = await create('--prefix', 'txt');
  expect(plain.stdout).toMatch(/^txt_[a-z0-9]{40}\n$/);
});

it('a token belongs to the environment that it was made for', async () => {
  const token = async (environment: string) =>
    (await create('--prefix', 'txt', '--environment', environment, '--json')).json[0].key;
  const test = textreeClient(homing.url, await token('test'));
  expect((await test.post('/messages', { phone_number: '+15005550010', body: 'Hi' })).status).toBe(202);
  const live = textreeClient(homing.url, await token('live'));
  const answer = await live.post('/messages', { phone_number: '+15005550010', body: 'Hi' });
  expect(answer.body.error.message).toMatch(/no number that can send/);
});

it('a key is tb_ unless it is asked for otherwise', async () => {
  expect((await create('--json')).json[0].key).toMatch(/^tb_live_[a-z0-9]{32}$/);
  expect((await create('--prefix', 'tb', '--json')).json[0].key).toMatch(/^tb_live_[a-z0-9]{32}$/);
});

it('messages:write is Textree’s word for messages:send', async () => {
  const made = await create('--permissions', 'messages:write, messages:send,mcp:execute', '--json');
  expect(made.json[0].permissions).toEqual(['messages:send', 'mcp:execute']);
});

it('a token is listed without itself, and ends when it is revoked', async () => {
  const { id, key } = (await create('--prefix', 'txt', '--environment', 'test', '--json')).json[0];
  const listed = await homing.cli('keys', 'list', '--json');
  expect(listed.stdout).toContain(id);
  expect(listed.stdout).not.toContain(key.slice(4));
  const client = textreeClient(homing.url, key);
  expect((await client.get('/numbers')).status).toBe(200);
  expect((await homing.cli('keys', 'revoke', id)).status).toBe(0);
  expect((await client.get('/numbers')).status).toBe(401);
});

it.each(['bearer', 'TXT', ''])('the prefix %j is refused with what is allowed', async (prefix) => {
  const refused = await create('--prefix', prefix);
  expect(refused.status).toBe(2);
  expect(refused.stderr).toContain(`--prefix was given '${prefix}'; allowed: tb or txt.`);
  expect(refused.stdout).toBe('');
});

it('a permission that nobody knows is refused', async () => {
  const refused = await create('--permissions', 'messages:writes');
  expect(refused.status).toBe(2);
  expect(refused.stderr).toContain("--permissions was given 'messages:writes'");
});
