/** Reads all messages of an account over the API. */
import { createHoming, type Message } from '../../client/src/index.ts';

export async function allMessages(url: string, key: string): Promise<Message[]> {
  const found: Message[] = [];
  for await (const message of createHoming({ url, key }).messages.all({ limit: 100 })) found.push(message);
  return found;
}
