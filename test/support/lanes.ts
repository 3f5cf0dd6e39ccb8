/**
 * Load: many lanes beside each other, each sending to one person one message after the other, so that the
 * order in which they were accepted is known.
 */
import { Agent } from 'undici';

export interface Lane {
  from: string;
  to: string;
}

export interface AcceptedMessage extends Lane {
  id: string;
  /** Which of the lane's messages, from 0. */
  index: number;
}

export interface LoadOptions {
  url: string;
  key: string;
  lanes: readonly Lane[];
  perLane: number;
  connections: number;
  accepted: AcceptedMessage[];
  /** True from just before the broker is killed on: sends that fail then end the load, and are no error. */
  isBrokerKilled?: () => boolean;
}

/** Sends everything, and writes down each message that got its 202. */
export async function sendLoad(options: LoadOptions): Promise<void> {
  const { url, key, perLane, accepted } = options;
  const agent = new Agent({ connections: options.connections });
  const waiting = options.lanes.map((lane) => ({ ...lane, index: 0 }));
  const send = async () => {
    for (;;) {
      const lane = waiting.shift();
      if (lane === undefined) return;
      const { from, to, index } = lane;
      try {
        const { statusCode, body } = await agent.request({
          origin: url,
          path: '/v1/messages/send',
          method: 'POST',
          headers: { 'x-api-key': key, 'content-type': 'application/json' },
          body: JSON.stringify({ from, to, content: `${index}` }),
        });
        const answer = (await body.json()) as { id: string };
        if (statusCode !== 202) throw new Error(`send answered ${statusCode}: ${JSON.stringify(answer)}`);
        accepted.push({ id: answer.id, from, to, index });
      } catch (error) {
        if (options.isBrokerKilled?.() === true) return;
        throw error;
      }
      lane.index += 1;
      if (lane.index < perLane) waiting.push(lane);
    }
  };
  try {
    await Promise.all(Array.from({ length: options.connections }, send));
  } finally {
    await agent.destroy();
  }
}
