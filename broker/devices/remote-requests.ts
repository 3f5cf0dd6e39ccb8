/**
 * Sends requests and signals to devices that are connected to another broker, and serves those of the other brokers.
 *
 * A notification names the request. Longer fields are stored in the database until they are read. A request without a
 * response, for example after a lost notification, ends after its timeout.
 */
import type { IdSource } from '../../shared/ids.ts';
import type { BrokerMessageOf } from '../core/model/broker-message.ts';
import type { Cluster } from '../core/ports/cluster.ts';
import type { Store } from '../core/ports/store.ts';
import type { OpenSession, SessionRegistry } from './session-registry.ts';

/** Maximum length of JSON in a notification. */
const INLINE_MAX_CHARACTERS = 1_500;
const OPEN_MAX = 1_000;
/** Time for the other broker beyond the timeout of the device. */
const SPARE_MS = 2_000;
/** `op` of a frame that has no response. */
const SIGNAL = 'signal';

export interface RemoteRequestsOptions {
  store: Store;
  cluster: Cluster;
  sessions: SessionRegistry;
  ids: IdSource;
  now: () => number;
  after: (ms: number, run: () => void) => () => void;
  onFault(error: unknown): void;
}

export interface RemoteDevice {
  deviceId: string;
  brokerId: string;
}

type Request = BrokerMessageOf<'request'>;
type Response = BrokerMessageOf<'response'>;

export class RemoteRequests {
  readonly #options: RemoteRequestsOptions;
  /** Requests to other brokers without a response. */
  readonly #open = new Map<string, (response: object | undefined) => void>();

  constructor(options: RemoteRequestsOptions) {
    this.#options = options;
    const { cluster, onFault } = options;
    cluster.onMessage('request', (request) => {
      if (request.brokerId === cluster.brokerId) this.#serve(request).catch(onFault);
    });
    cluster.onMessage('response', (response) => {
      if (response.brokerId === cluster.brokerId) this.#answered(response).catch(onFault);
    });
  }

  /** Returns the response, or undefined after the timeout or if the device is not connected any more. */
  async request(
    { deviceId, brokerId }: RemoteDevice,
    op: string,
    fields: object,
    timeoutMs: number,
  ): Promise<object | undefined> {
    const { store, cluster, ids, now, after } = this.#options;
    if (this.#open.size >= OPEN_MAX) return undefined;
    const requestId = ids();
    const json = JSON.stringify(fields);
    const isStored = json.length > INLINE_MAX_CHARACTERS;
    if (isStored) await store.transaction((tx) => tx.deviceRequests.insert(requestId, json, now()));
    const response = await new Promise<object | undefined>((resolve) => {
      const cancel = after(timeoutMs + SPARE_MS, () => resolve(undefined));
      this.#open.set(requestId, (found) => {
        cancel();
        resolve(found);
      });
      const from = cluster.brokerId;
      const shown = isStored ? null : fields;
      cluster.send({ kind: 'request', brokerId, from, requestId, deviceId, op, fields: shown, timeoutMs });
    });
    this.#open.delete(requestId);
    if (isStored) await store.transaction((tx) => tx.deviceRequests.remove(requestId));
    return response;
  }

  /** Returns whether the frame was written to the connection of the device. */
  async signal(device: RemoteDevice, fields: object): Promise<boolean> {
    return (await this.request(device, SIGNAL, fields, 0)) !== undefined;
  }

  async #answered({ requestId, response, isStored }: Response): Promise<void> {
    const settle = this.#open.get(requestId);
    if (settle === undefined) return;
    const { store } = this.#options;
    if (!isStored) {
      settle(response ?? undefined);
      return;
    }
    const row = await store.read.deviceRequests.find(requestId);
    settle(row?.response == null ? undefined : (JSON.parse(row.response) as object));
    await store.transaction((tx) => tx.deviceRequests.remove(requestId));
  }

  async #serve(request: Request): Promise<void> {
    const { store, cluster, now } = this.#options;
    const { from: brokerId, requestId } = request;
    const response = await this.#responseOf(request);
    const json = JSON.stringify(response ?? null);
    const isStored = json.length > INLINE_MAX_CHARACTERS;
    if (isStored) await store.transaction((tx) => tx.deviceRequests.respond(requestId, json, now()));
    const shown = isStored ? null : (response ?? null);
    cluster.send({ kind: 'response', brokerId, requestId, response: shown, isStored });
  }

  async #responseOf({ requestId, deviceId, op, fields, timeoutMs }: Request): Promise<object | undefined> {
    const { store, sessions } = this.#options;
    const session = sessions.activeOf(deviceId);
    if (session === undefined) return undefined;
    const stored = fields === null ? await store.read.deviceRequests.find(requestId) : undefined;
    const given = fields ?? (stored?.fields == null ? undefined : JSON.parse(stored.fields));
    if (given === undefined) return undefined;
    return op === SIGNAL ? sendSignal(session, given) : session.request(op, given, timeoutMs);
  }
}

function sendSignal(session: OpenSession, fields: object): object | undefined {
  if (!session.isReady()) return undefined;
  session.send({ ...fields, type: 'signal' } as Parameters<OpenSession['send']>[0]);
  return {};
}
