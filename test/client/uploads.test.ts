/** Tests uploads of files with the client. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHoming, type Homing } from '../../client/src/index.ts';
import type { RunningBroker } from '../support/homing-process.ts';
import { startInProcess } from '../support/in-process-broker.ts';

describe('an upload with the client', () => {
  let broker: RunningBroker;
  let homing: Homing;
  beforeAll(async () => {
    broker = await startInProcess();
    homing = createHoming({ url: broker.url, key: broker.testKey });
  });
  afterAll(() => broker?.dispose());

  it('sends the file as a form, and its link can be sent', async () => {
    const file = new File(['hello'], 'hello.txt', { type: 'text/plain' });
    const uploaded = await homing.unwrap(homing.POST('/v1/media', { body: { file } }));
    expect(uploaded).toMatchObject({ name: 'hello.txt', content_type: 'text/plain', size: 5 });
    const { media_url } = uploaded;
    const sent = await homing.messages.send({ to: '+15005550010', media_url });
    expect(sent).toMatchObject({ status: 'queued', media_url });
  });
});
