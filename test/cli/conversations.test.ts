/** Tests the commands for groups, reactions, edits and conversations, against a local data folder and a remote broker. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliResult, type HomingProcess, runCli, startHoming } from '../support/homing-process.ts';
import { clientFor, createAccount, createClient } from '../support/http-client.ts';
import { hello, openSocket } from '../support/raw-device.ts';
import { until } from '../support/until.ts';

const OWN = '+15005550006';
const REACTS = '+15005550040';
const REPLIES = '+15005550041';
const RENAMES = '+15005550046';
const ISO_TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const LOCAL_TIME = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d`;
const MESSAGE = '[0-9a-z_]{30}';

let homing: HomingProcess;
beforeAll(async () => {
  homing = await startHoming();
});
afterAll(() => homing?.dispose());

describe.each(['local', 'remote'])('with a %s broker', (kind) => {
  let key: string;
  beforeAll(async () => {
    await createAccount(homing, kind);
    ({ key } = await createClient(homing, { account: kind }));
    const contact = { phone_number: REACTS, name: 'Ada' };
    expect((await clientFor(homing.url, key).post('/api/v1/contacts', contact)).status).toBe(201);
  });
  /** The API has no names in its messages. */
  const ada = kind === 'local' ? `Ada \\(\\${REACTS}\\)` : `\\${REACTS}`;

  const run = (...args: string[]) =>
    kind === 'local'
      ? runCli([...args, '--account', kind, '--environment', 'test'], homing.database.settings)
      : runCli(args, { HOMING_URL: homing.url, HOMING_KEY: key });
  const done = (result: CliResult) => {
    expect(result.status, result.stderr).toBe(0);
    return result;
  };
  const json = async (...args: string[]) => {
    const result = done(await run(...args, '--json'));
    expect(result.stderr).toBe('');
    return result.json;
  };
  const delivered = async (...args: string[]) => (await json('send', ...args, '--watch')).at(-1);
  const message = async (id: string) => (await clientFor(homing.url, key).get(`/v1/messages/${id}`)).body;
  const expectError = (result: CliResult, status: number, text: RegExp) => {
    expect([result.status, result.stdout]).toEqual([status, '']);
    expect(result.stderr).toMatch(text);
    expect(result.stderr).toMatch(/^homing: [^\n]+\n$/);
  };

  it('homing send --to-group sends one message, and homing conversations shows the thread', async () => {
    const members = `${REACTS},${REPLIES},${RENAMES}`;
    const sent = await delivered('--to-group', members, 'Dinner on Friday?');
    expect(sent).toMatchObject({ to: null, status: 'delivered', conversation_id: expect.any(String) });
    const id = sent.conversation_id;
    const thread = await until('the answers', async () => {
      const [found] = await json('conversations', id);
      const [first] = found.messages;
      const isDone =
        found.messages.length === 2 && first.reactions.length === 1 && found.changes.length === 2;
      return isDone && found;
    });
    expect(thread).toEqual({
      ...{ id, phone_number: OWN, is_group: true, name: `Renamed by ${RENAMES}` },
      ...{ participants: [REACTS, REPLIES, RENAMES], unread_count: 1, total_count: 2 },
      latest_message: {
        ...{ id: thread.messages[1].id, direction: 'inbound', content: 'answer to: Dinner on Friday?' },
        created_at: ISO_TIME,
      },
      messages: [
        {
          ...{ id: sent.id, direction: 'outbound', status: 'delivered', sender: OWN },
          ...{ content: 'Dinner on Friday?', reply_to: null, effect: null, subject: null, media: [] },
          reactions: [{ reaction: 'love', handle: REACTS, part: 0, created_at: ISO_TIME }],
          ...{ edits: [], unsent_at: null, read_at: null, created_at: ISO_TIME },
        },
        {
          ...{ id: expect.any(String), direction: 'inbound', status: 'received', sender: REPLIES },
          ...{ content: 'answer to: Dinner on Friday?', reply_to: { message_id: sent.id, part: 0 } },
          ...{ effect: null, subject: null, media: [], reactions: [], edits: [] },
          ...{ unsent_at: null, read_at: null, created_at: ISO_TIME },
        },
      ],
      changes: [
        { kind: 'created', actor: OWN, value: null, at: ISO_TIME },
        { kind: 'named', actor: RENAMES, value: `Renamed by ${RENAMES}`, at: ISO_TIME },
      ],
    });
    const { stdout } = done(await run('conversations', id));
    expect(stdout).toMatch(
      new RegExp(
        `^Renamed by \\${RENAMES}  group of \\${OWN} with ${ada}, \\${REPLIES}, \\${RENAMES}\\n` +
          `${LOCAL_TIME}  you: created the group\\n` +
          `${LOCAL_TIME}  you  delivered  ${sent.id}\\n {4}Dinner on Friday\\?\\n {4}reactions: ❤️ ${ada}\\n`,
      ),
    );
    expect(stdout).toMatch(
      new RegExp(
        `${LOCAL_TIME}  \\${REPLIES}  ${MESSAGE}\\n {4}reply to “Dinner on Friday\\?”\\n {4}answer to: Dinner`,
      ),
    );
    expect(stdout).toContain(`${RENAMES}: renamed the group to “Renamed by ${RENAMES}”\n`);
    expect((await json('conversations', '--unread')).map((one) => one.id)).toContain(id);
    const list = done(await run('conversations')).stdout;
    expect(list).toMatch(/^CONVERSATION +WITH +UNREAD +AT +LATEST\n/);
    expect(list).toMatch(new RegExp(`${id}  Renamed by \\${RENAMES}  1 +${LOCAL_TIME}  answer to: Dinner`));
  });

  it('homing send --conversation, --reply-to, --effect and --subject set the fields of the message', async () => {
    const first = await delivered('+15005550010', 'Hi');
    const { conversation_id } = await message(first.id);
    const options = ['--reply-to', first.id, '--effect', 'confetti', '--subject', 'News'];
    const reply = await delivered('--conversation', conversation_id, 'Hello', ...options);
    expect(await message(reply.id)).toMatchObject({
      ...{ to: '+15005550010', content: 'Hello', reply_to: { message_id: first.id, part: 0 } },
      ...{ effect: 'confetti', subject: 'News', status: 'delivered' },
    });
    const { stdout } = done(await run('conversations', conversation_id, '--limit', '1'));
    expect(stdout).toMatch(
      /\n {4}reply to an earlier message\n {4}subject: News\n {4}Hello\n {4}effect: confetti\n$/,
    );
  });

  it('homing react adds and removes a reaction', async () => {
    const { id } = await delivered('+15005550010', 'Hi');
    expect(await json('react', id, 'love')).toEqual([
      {
        ...{ id: expect.stringMatching(/^act_/), kind: 'react', message_id: id, value: 'love' },
        ...{ status: 'queued', error_code: null, created_at: ISO_TIME },
      },
    ]);
    await until('the reaction', async () => (await message(id)).reactions.length === 1);
    expectError(await run('react', id, 'like', '--remove'), 1, /no reaction 'like' on part 0/);
    const removed = done(await run('react', id, 'love', '--remove'));
    const next =
      kind === 'local'
        ? `Follow its status with: npx homing messages ${id}`
        : 'See its result in the conversation with: npx homing conversations';
    expect(removed.stderr).toMatch(new RegExp(`^Queued act_\\w+\\. ${next}\\n$`));
    await until('the removal', async () => (await message(id)).reactions.length === 0);
    const part = done(await run('react', id, '🎉', '--part', '1'));
    expect(part.stdout).toBe('');
    await until('the emoji', async () => (await message(id)).reactions[0]?.part === 1);
  });

  it('homing cancel cancels a reaction that was not sent yet', async () => {
    // The message to this number is queued for 30 s, and its reaction behind it.
    const [{ id }] = await json('send', '+15005550023', 'Hi');
    const [{ id: actionId }] = await json('react', id, 'love');
    expect(await json('cancel', actionId)).toMatchObject([
      { id: actionId, kind: 'react', message_id: id, status: 'failed', error_code: 'cancelled' },
    ]);
    expectError(await run('cancel', 'act_01m7ypkdxffkmb6tyeck3vccad'), 1, /Action not found/);
  });

  it('homing edit and homing unsend change a sent message', async () => {
    const { id } = await delivered('+15005550010', 'Helo');
    expect(await json('edit', id, 'Hello')).toMatchObject([{ kind: 'edit', value: 'Hello' }]);
    const { conversation_id } = await until('the edit', async () => {
      const found = await message(id);
      return found.content === 'Hello' && found;
    });
    const thread = () => run('conversations', conversation_id, '--limit', '1');
    expect(done(await thread()).stdout).toMatch(/\n {4}Hello\n {4}edited; before: “Helo”\n$/);
    expect(await json('unsend', id)).toMatchObject([{ kind: 'unsend', value: null, message_id: id }]);
    await until('the unsending', async () => (await message(id)).unsent_at !== null);
    expect(done(await thread()).stdout).toMatch(new RegExp(`${id}\\n {4}unsent ${LOCAL_TIME}\\n`));
    expectError(await run('edit', id, 'Again'), 1, /The message was unsent/);
  });

  it('wrong arguments and unknown ids return an error with the next step', async () => {
    const unknown = 'msg_01m7ypkdxffkmb6tyeck3vccad';
    const conversation = 'conv_01m7ypkdxffkmb6tyeck3vccad';
    expectError(
      await run('react', unknown, 'love'),
      1,
      /not found\. List the messages with: npx homing messages/,
    );
    expectError(await run('unsend', 'x'), 1, /not found\. List the messages/);
    expectError(await run('conversations', conversation), 1, /not found\. List the conversations with: npx/);
    for (const [args, text] of [
      [['react', unknown, 'hug'], /<reaction> was given 'hug'; allowed: love, like/],
      [['react', unknown, 'love', '--part', '-1'], /--part was given '-1'; allowed: 0 to 1000/],
      [['edit', unknown, ''], /<text> has 0 characters; allowed: 1 to/],
      [['send', '+15005550010'], /<to> and <text> are required, or <text> with --to-group/],
      [['send', 'Ada', 'Hi'], /<to> was given 'Ada'; allowed: a number in E\.164 format/],
      [['send', 'Hi', '--to-group', REACTS], /--to-group was given 1 handles; allowed: 2 to 31/],
      [['send', REACTS, 'Hi', '--to-group', `${REACTS},${REPLIES}`], /the only argument is the text/],
      [['send', '--to-group', `${REACTS},${REPLIES}`], /<text> is required with --to-group/],
      [['send', 'Hi', '--conversation', 'x'], /--conversation was given 'x'; allowed: an id of the list/],
      [['send', 'Hi', '--conversation', conversation], /not the id of a conversation of your numbers/],
      [['send', REACTS, 'Hi', '--effect', 'glitter'], /--effect was given 'glitter'; allowed: celebration/],
      [['send', REACTS, 'Hi', '--subject', ''], /--subject has 0 characters; allowed: 1 to 1000/],
      [['send', REACTS, 'Hi', '--reply-to', 'x'], /--reply-to was given 'x'; allowed: the id of a message/],
      [['send', REACTS, 'Hi', '--reply-to', unknown], /'reply_to' is not the id of one of your messages/],
      [['conversations', '--limit', '0'], /--limit was given '0'; allowed: 1 to 1000/],
    ] as const) {
      expectError(await run(...args), 2, text);
    }
  });
});

it('homing react names the fix if no device of the number can react', async () => {
  const own = '+14155550199';
  const paired = await homing.cli('pair', own, '--json');
  const socket = await openSocket(homing.url, paired.json[0].token);
  socket.say(hello());
  await socket.next('welcome');
  socket.terminate();
  const sent = (await homing.cli('send', '+14155550101', 'Hi', '--json')).json[0];
  for (const result of [
    await homing.cli('react', sent.id, 'love'),
    await runCli(['react', sent.id, 'love'], { HOMING_URL: homing.url, HOMING_KEY: homing.liveKey }),
  ]) {
    expect([result.status, result.stderr]).toEqual([
      ...[1, expect.stringMatching(/supports? .*reactions.*\. .*(imsg|BlueBubbles)/)],
    ]);
  }
});
