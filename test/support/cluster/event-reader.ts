/** Reads the event stream without a gap: after a lost connection it continues after the last received event. */
import { setTimeout as wait } from 'node:timers/promises';
import { type EventSource, openEventSource, type ServerSentEvent } from '../event-source.ts';

const FIRST_ID = 'evt_00000000000000000000000000';
const RETRY_MS = 100;
const OPEN_MAX_MS = 5_000;

export class EventReader {
  readonly events: ServerSentEvent[] = [];
  /** Number of connections that were opened. */
  connections = 0;
  readonly #url: string;
  readonly #key: string;
  #source: EventSource | undefined;
  #isStopped = false;
  #running: Promise<void> | undefined;

  constructor(url: string, key: string) {
    this.#url = url;
    this.#key = key;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Closes the connection. The reader opens another one. */
  reconnect(): void {
    this.#source?.close();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#source?.close();
    await this.#running;
  }

  async #run(): Promise<void> {
    let lastId = FIRST_ID;
    while (!this.#isStopped) {
      const source = await openWithin(this.#url, this.#key, lastId);
      if (source !== undefined) {
        this.#source = source;
        this.connections += 1;
        await source.ended;
        this.#source = undefined;
        this.events.push(...source.events);
        lastId = source.events.at(-1)?.id ?? lastId;
      }
      await wait(RETRY_MS);
    }
  }

  /** Events of the open connection and of the earlier ones. */
  all(): ServerSentEvent[] {
    return [...this.events, ...(this.#source?.events ?? [])];
  }
}

async function openWithin(url: string, key: string, lastId: string): Promise<EventSource | undefined> {
  const opening = openEventSource(`${url}/v1/events`, key, { 'last-event-id': lastId });
  const source = await Promise.race([opening.catch(() => undefined), wait(OPEN_MAX_MS)]);
  if (source !== undefined && source.status === 200) return source;
  source?.close();
  // A response that arrives later is not read.
  opening.then(
    (late) => late.close(),
    () => {},
  );
  return undefined;
}
