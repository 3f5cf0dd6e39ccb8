/**
 * Sends load over many routes at the same time. Each route sends to one recipient, one message after the other, so the
 * order of acceptance per recipient is known.
 */
import { Agent } from 'undici';

export interface Route {
  from: string;
  to: string;
}

export interface AcceptedMessage extends Route {
  id: string;
  /** Position among the messages of the route, from 0. */
  index: number;
}

export interface LoadOptions {
  url: string;
  key: string;
  routes: readonly Route[];
  messagesPerRoute: number;
  connections: number;
  /** Receives each message that returned 202. */
  accepted: AcceptedMessage[];
  /** True from just before the broker is killed. Failed sends then end the load without an error. */
  isBrokerKilled?: () => boolean;
}

/** Sends every message and records the accepted ones. */
export async function sendLoad(options: LoadOptions): Promise<void> {
  const { url, key, messagesPerRoute, accepted } = options;
  const agent = new Agent({ connections: options.connections });
  const waiting = options.routes.map((route) => ({ ...route, index: 0 }));
  const send = async () => {
    for (;;) {
      const route = waiting.shift();
      if (route === undefined) return;
      const { from, to, index } = route;
      try {
        const { statusCode, body } = await agent.request({
          origin: url,
          path: '/v1/messages/send',
          method: 'POST',
          headers: { 'x-api-key': key, 'content-type': 'application/json' },
          body: JSON.stringify({ from, to, content: `${index}` }),
        });
        const response = (await body.json()) as { id: string };
        if (statusCode !== 202) throw new Error(`send returned ${statusCode}: ${JSON.stringify(response)}`);
        accepted.push({ id: response.id, from, to, index });
      } catch (error) {
        if (options.isBrokerKilled?.() === true) return;
        throw error;
      }
      route.index += 1;
      if (route.index < messagesPerRoute) waiting.push(route);
    }
  };
  try {
    await Promise.all(Array.from({ length: options.connections }, send));
  } finally {
    await agent.destroy();
  }
}
