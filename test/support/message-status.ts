/** Reads all messages of an account over the API. */
import { createHoming, type Message } from '../../client/src/index.ts';
import { until } from './until.ts';

const ON_THEIR_WAY = ['queued', 'polling', 'sent'] as const;

export async function allMessages(url: string, key: string): Promise<Message[]> {
  const found: Message[] = [];
  for await (const message of createHoming({ url, key }).messages.all({ limit: 100 })) found.push(message);
  return found;
}

/** Waits until no message is on its way, and returns all. */
export async function endedMessages(url: string, key: string, timeoutMs: number): Promise<Message[]> {
  const { messages } = createHoming({ url, key });
  for (const status of ON_THEIR_WAY) {
    await until(
      `no message to be ${status}`,
      async () => (await messages.list({ status, limit: 1 })).messages.length === 0,
      timeoutMs,
    );
  }
  return allMessages(url, key);
}
