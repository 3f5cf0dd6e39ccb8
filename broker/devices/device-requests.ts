/** Sends requests to one device and waits for their responses. */
import { formatId } from '../../shared/ids.ts';
import type { AnswerFrame, BrokerFrame } from '../../shared/protocol.ts';
import type { DeviceContext } from './context.ts';

export class DeviceRequests {
  readonly #ids: DeviceContext['ids'];
  readonly #send: (frame: BrokerFrame) => void;
  /** Requests without a response, by request id. */
  readonly #open = new Map<string, (response: AnswerFrame | undefined) => void>();

  constructor(ids: DeviceContext['ids'], send: (frame: BrokerFrame) => void) {
    this.#ids = ids;
    this.#send = send;
  }

  /** Returns the response, or undefined after the timeout or a disconnect. */
  request(op: string, fields: Record<string, unknown>, timeoutMs: number): Promise<AnswerFrame | undefined> {
    const id = formatId('req', this.#ids());
    return new Promise((resolve) => {
      const timer = setTimeout(() => settle(undefined), timeoutMs);
      const settle = (response: AnswerFrame | undefined) => {
        clearTimeout(timer);
        this.#open.delete(id);
        resolve(response);
      };
      this.#open.set(id, settle);
      this.#send({ ...fields, type: 'request', id, op });
    });
  }

  answered(frame: AnswerFrame): void {
    this.#open.get(frame.id)?.(frame);
  }

  /** Call when the connection was closed. */
  endAll(): void {
    for (const settle of this.#open.values()) settle(undefined);
  }
}
