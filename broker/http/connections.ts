/**
 * Limits the open connections, for each address and in total, so that idle ones cannot use up the file descriptors.
 *
 * - At a limit, the oldest idle connection is closed for the new one.
 * - If none is idle, a new connection may only reach the health checks and the APIs of devices.
 * - The connections of authenticated devices do not count while they are in use.
 */
import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { networkOf } from './client-address.ts';

export interface ConnectionLimits {
  perAddress: number;
  total: number;
  /** A trusted proxy carries the connections of many clients: only the total counts. */
  isTrustedProxy(address: string): boolean;
}

export type ExceededLimit = 'address' | 'total';

interface Entry {
  socket: Duplex;
  address: string | undefined;
  /** The latest request on the connection. */
  response: ServerResponse | undefined;
  exceeded: ExceededLimit | undefined;
}

/** Share of a limit that is added for health checks and devices. */
const RESERVE_SHARE = 0.1;
const RESERVE_MIN = 10;

export class Connections {
  readonly #limits: ConnectionLimits;
  /** In the order of their age. */
  readonly #all = new Set<Entry>();
  readonly #byAddress = new Map<string, Set<Entry>>();
  readonly #bySocket = new WeakMap<Duplex, Entry>();

  constructor(limits: ConnectionLimits) {
    this.#limits = limits;
  }

  /** Number of connections that count. */
  get count(): number {
    return this.#all.size;
  }

  /** Adds a new connection. Closes an older one, or the connection itself, at a limit. */
  add(socket: Duplex & { remoteAddress?: string | undefined }): void {
    const { remoteAddress = '' } = socket;
    const address = this.#limits.isTrustedProxy(remoteAddress) ? undefined : networkOf(remoteAddress);
    const entry: Entry = { socket, address, response: undefined, exceeded: undefined };
    const { perAddress, total } = this.#limits;
    const own = (address !== undefined && this.#byAddress.get(address)) || undefined;
    if (own !== undefined && own.size >= perAddress && !this.#closeIdle(own)) entry.exceeded = 'address';
    else if (this.#all.size >= total && !this.#closeIdle(this.#all)) entry.exceeded = 'total';
    if (this.#all.size >= withReserve(total) || (own?.size ?? 0) >= withReserve(perAddress)) {
      socket.destroy();
      return;
    }
    this.#bySocket.set(socket, entry);
    this.#count(entry);
    socket.once('close', () => this.#uncount(entry));
  }

  /** Records a request. Returns the limit that its connection exceeds. */
  begin(socket: Duplex, response: ServerResponse): ExceededLimit | undefined {
    const entry = this.#bySocket.get(socket);
    if (entry === undefined) return undefined;
    entry.response = response;
    return entry.exceeded;
  }

  /** Exempts the connection of an authenticated device until the response has ended; without a response: forever. */
  exempt(socket: Duplex, response?: ServerResponse): void {
    const entry = this.#bySocket.get(socket);
    if (entry === undefined) return;
    this.#uncount(entry);
    response?.once('close', () => {
      if (!socket.destroyed) this.#count(entry);
    });
  }

  /** Closes the connections without a request. Browsers and clients open them in advance. For a graceful stop. */
  closeUnused(): void {
    for (const { socket, response } of [...this.#all]) if (response === undefined) socket.destroy();
  }

  /** Closes the oldest connection without a request, or else the oldest one between two requests. */
  #closeIdle(entries: ReadonlySet<Entry>): boolean {
    let idle: Entry | undefined;
    for (const entry of entries) {
      if (entry.response === undefined) {
        idle = entry;
        break;
      }
      if (idle === undefined && entry.response.closed) idle = entry;
    }
    if (idle === undefined) return false;
    this.#uncount(idle);
    idle.socket.destroy();
    return true;
  }

  #count(entry: Entry): void {
    this.#all.add(entry);
    if (entry.address === undefined) return;
    const own = this.#byAddress.get(entry.address) ?? new Set();
    this.#byAddress.set(entry.address, own.add(entry));
  }

  #uncount(entry: Entry): void {
    entry.exceeded = undefined;
    this.#all.delete(entry);
    if (entry.address === undefined) return;
    const own = this.#byAddress.get(entry.address);
    own?.delete(entry);
    if (own?.size === 0) this.#byAddress.delete(entry.address);
  }
}

const withReserve = (limit: number) => limit + Math.max(RESERVE_MIN, Math.ceil(limit * RESERVE_SHARE));
