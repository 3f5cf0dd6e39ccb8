/** Tests group messages that an iPhone receives, with the real broker and a simulated iPhone. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildShortcuts } from '../../shortcuts/build.ts';
import { type HomingProcess, startHoming } from '../support/homing-process.ts';
import { clientFor } from '../support/http-client.ts';
import { createSetupLink } from '../support/setup-link.ts';
import { runShortcut } from '../support/simulator/run-shortcut.ts';

const ANN = '+14155550141';
const BOB = '+14155550142';

describe('an iPhone in a group', () => {
  let homing: HomingProcess;
  let numbers = 0;
  beforeAll(async () => {
    homing = await startHoming();
  });
  afterAll(() => homing.dispose());

  async function paired() {
    numbers += 1;
    const { token, number } = await createSetupLink(homing, `+1415555${7000 + numbers}`);
    const client = clientFor(homing.url, homing.liveKey);
    const [, receive] = buildShortcuts({ url: homing.url, token });
    const arrives = (sender: string, text: string, recipients?: string[]) =>
      runShortcut(receive!.bytes, { input: { sender, text, ...(recipients && { recipients }) } });
    const post = async (body: unknown) => {
      const response = await fetch(`${homing.url}/shortcuts/v1/inbound`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}` },
        body: JSON.stringify(body),
      });
      return (await response.json()) as Record<string, unknown>;
    };
    const conversations = async () => {
      const { body } = await client.get('/v1/conversations?limit=100');
      return body.conversations.filter(
        ({ phone_number }: { phone_number: string }) => phone_number === number,
      );
    };
    const received = async () =>
      (await client.get(`/v1/messages?direction=inbound&to=${encodeURIComponent(number)}`)).body.messages;
    return { number, client, arrives, post, conversations, received };
  }

  it('Homing Receive reports a group message, which is stored in the conversation of the group', async () => {
    const { number, arrives, conversations } = await paired();
    for (const [sender, text, recipients] of [
      [ANN, 'Dinner?', [number, BOB]],
      [BOB, 'Yes', [ANN, number]],
    ] as const) {
      expect((await arrives(sender, text, [...recipients])).ended).toBe('done');
    }
    expect(await conversations()).toMatchObject([{ is_group: true, participants: [ANN, BOB] }]);
  });

  it('"STOP" in a group opts no contact out of direct messages, and a direct "STOP" does', async () => {
    const { number, client, arrives } = await paired();
    const send = async () =>
      (await client.post('/v1/messages/send', { from: number, to: ANN, content: 'Hi' })).status;
    await arrives(ANN, 'STOP', [number, BOB]);
    expect(await send()).toBe(202);
    await arrives(ANN, 'STOP', [number]);
    expect(await send()).toBe(403);
  });

  it.each([
    ['without recipients, as of an older shortcut', () => ({})],
    ['with the own number', (own: string) => ({ recipients: own })],
    ['with the own number in a national format', (own: string) => ({ recipients: own.slice(2) })],
    ['with an own e-mail address', () => ({ recipients: 'me@example.com' })],
    ['with an empty list', () => ({ recipients: [] })],
  ])('POST /inbound stores a message %s as a direct one', async (_, recipients) => {
    const { number, post, conversations } = await paired();
    expect(await post({ from: ANN, text: 'Hi', ...recipients(number) })).toMatchObject({ result: 'ok' });
    expect(await conversations()).toMatchObject([{ is_group: false }]);
  });

  it('POST /inbound accepts recipients as a list and as a text, in any order', async () => {
    const { number, post, conversations } = await paired();
    await post({ from: ANN, text: 'one', recipients: [number, BOB] });
    await post({ from: ANN, text: 'two', recipients: `(415) 555-0142\n${number}` });
    await post({ from: ANN, text: 'three', recipients: `${BOB}, ${number}` });
    await post({ from: ANN, text: 'four', recipients: [BOB] });
    expect(await conversations()).toMatchObject([{ is_group: true, participants: [ANN, BOB] }]);
  });

  it('POST /inbound keeps the name of a contact among the recipients, without characters that a database rejects', async () => {
    const { number, post, conversations } = await paired();
    expect(await post({ from: ANN, text: 'Hi', recipients: `Mum\0\ud800\n${number}\n${BOB}` })).toMatchObject(
      {
        result: 'ok',
      },
    );
    expect(await conversations()).toMatchObject([{ is_group: true, participants: [ANN, BOB, 'Mum\ufffd'] }]);
  });

  it('POST /inbound rejects more than 200 recipients', async () => {
    const { post, received } = await paired();
    const recipients = Array.from({ length: 201 }, (_, place) => `+1415555${1000 + place}`);
    expect(await post({ from: ANN, text: 'Hi', recipients })).toMatchObject({
      result: 'error',
      message: "'recipients' has 201 entries; allowed: at most 200.",
    });
    expect(await received()).toEqual([]);
  });

  it('POST /inbound stores a message once if two automations report it around a full minute', async () => {
    const { post, received } = await paired();
    const message = { from: ANN, text: 'Hi', received_at: '2026-11-21T08:00:58Z' };
    expect(await post(message)).toMatchObject({ is_new: true });
    expect(await post({ ...message, received_at: '2026-11-21T08:01:03Z' })).toMatchObject({ is_new: false });
    expect(await received()).toHaveLength(1);
  });
});
