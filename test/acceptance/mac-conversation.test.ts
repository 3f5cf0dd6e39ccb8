/**
 * Property: random messages, reactions, edits and changes of a group in chat.db give the same conversations at the broker, also
 * if the agent is killed in between. SEED repeats a run.
 */
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FakeMac } from '../support/fake-mac/fake-mac.ts';
import { pairMac } from '../support/fake-mac/paired-mac.ts';
import { messageName, RandomConversation, shownMessage } from '../support/fake-mac/random-conversation.ts';
import { type HomingProcess, startHoming } from '../support/homing-process.ts';
import { unlimitedPlansFile } from '../support/plans.ts';
import { createRandom } from '../support/random.ts';
import { until } from '../support/until.ts';

const STEPS = 80;
const MARK = 'mark';
const TIMEOUT_MS = 60_000;

describe('conversations on the Mac', () => {
  let homing: HomingProcess;
  let mac: FakeMac;
  beforeAll(async () => {
    homing = await startHoming({ HOMING_PLANS_FILE: unlimitedPlansFile(), HOMING_LEASE_SECONDS: '2' });
  });
  afterAll(async () => {
    await mac?.dispose();
    await homing.dispose();
  });

  it('the conversations at the broker equal those in chat.db', { timeout: 4 * TIMEOUT_MS }, async () => {
    const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
    console.log(`seed ${seed}`);
    const random = createRandom(seed);
    const { mac: paired, number, client, connected } = await pairMac(homing);
    mac = paired;
    mac.start();
    await connected();
    const own = encodeURIComponent(number);
    const conversation = new RandomConversation(mac, random, 2 * STEPS);
    let marks = 0;
    const catchUp = async () => {
      marks += 1;
      const mark = `${MARK} ${marks}`;
      conversation.mark(mark);
      await until(
        mark,
        async () => {
          const { body } = await client.get(`/v1/messages?direction=inbound&to=${own}&limit=1`);
          return body.messages[0]?.content === mark;
        },
        TIMEOUT_MS,
      );
    };
    for (let step = 0; step < STEPS; step += 1) {
      const event = random();
      if (event < 0.05) {
        if (mac.isRunning()) await mac.end('SIGKILL');
        else mac.start();
      } else if (event < 0.25 && mac.isRunning()) await catchUp();
      conversation.step();
    }
    if (!mac.isRunning()) mac.start();
    await catchUp();
    const actual = async () => {
      const { conversations } = (await client.get(`/v1/conversations?phone_number=${own}`)).body;
      const group = conversations.find(({ is_group }: { is_group: boolean }) => is_group);
      const messages = [];
      for (const { id } of conversations) {
        const { body } = await client.get(`/v1/conversations/${id}/messages?limit=100`);
        for (const message of body.messages)
          messages.push((await client.get(`/v1/messages/${message.id}`)).body);
      }
      const names = new Map(
        messages
          .filter(({ unsent_at }) => unsent_at === null)
          .map((message) => [message.id, messageName(message)]),
      );
      const shown = messages.filter((message) => {
        const name = messageName(message);
        return !name.startsWith(MARK) && !conversation.isUnsent(name) && message.unsent_at === null;
      });
      const detail = group && (await client.get(`/v1/conversations/${group.id}`)).body;
      return {
        messages: Object.fromEntries(
          shown.map((message) => [messageName(message), shownMessage(message, (id) => names.get(id))]),
        ),
        count: shown.length,
        group: detail && {
          name: detail.name,
          participants: detail.participants,
          changes: detail.changes.map(({ kind, value }: Record<string, string>) => ({ kind, value })),
        },
      };
    };
    const messages = conversation.expected(number);
    const expected = { messages, count: Object.keys(messages).length, group: conversation.group };
    // Changes follow their messages.
    await until('the same state', async () => isDeepStrictEqual(await actual(), expected), TIMEOUT_MS).catch(
      () => undefined,
    );
    expect(await actual()).toEqual(expected);
  });
});
