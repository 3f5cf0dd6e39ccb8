/** Tests that accounts, and the environments of one account, are isolated in the Inkbox iMessage API. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunningBroker } from '../../support/homing-process.ts';
import { createClient } from '../../support/http-client.ts';
import {
  type ImessageClient,
  imessageClient,
  newImessageClient,
  OTHER,
  PLAIN,
} from '../../support/imessage-client.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import { expectDetail, pairedInbox } from '../../support/inbox.ts';

let homing: RunningBroker;
let owner: ImessageClient;
const strangers: ImessageClient[] = [];

beforeAll(async () => {
  homing = await startInProcess();
  owner = await newImessageClient(homing, { account: 'owner' });
  strangers.push(await newImessageClient(homing, { account: 'stranger' }));
  strangers.push(imessageClient(await createClient(homing, { account: 'owner', environment: 'live' })));
  await pairedInbox(homing, '+14155557300', 'owner');
});
afterAll(() => homing?.dispose());

it('every operation returns nothing of another tenant', async () => {
  const message = await owner.send({ to: PLAIN, text: 'secret' });
  const group = await owner.send({ to: [PLAIN, OTHER], text: 'secret of all' });
  const before = await owner.get('/messages?include_groups=true');
  for (const stranger of strangers) {
    expect(await stranger.get('/messages?include_groups=true')).toEqual([]);
    expect(await stranger.get('/conversations?include_groups=true')).toEqual([]);
    for (const { conversation_id } of [message, group]) {
      expectDetail(await stranger.request('GET', `/messages?conversation_id=${conversation_id}`), 404);
      expectDetail(await stranger.request('GET', `/conversations/${conversation_id}`), 404);
      for (const path of ['/mark-read', '/typing']) {
        expectDetail(await stranger.request('POST', path, { conversation_id }), 404);
      }
      expectDetail(await stranger.request('POST', '/messages', { conversation_id, text: 'mine' }), 422);
    }
    for (const { id } of [message, group]) {
      expectDetail(await stranger.request('POST', '/reactions', { message_id: id, reaction: 'love' }), 404);
    }
  }
  const rows = await owner.get('/messages?include_groups=true');
  expect(rows.map(({ id }: { id: string }) => id)).toEqual(before.map(({ id }: { id: string }) => id));
});
