/** Composes what makes a broker one of the brokers on a PostgreSQL database. */
import { hostname } from 'node:os';
import { ownVersion } from '../../shared/version.ts';
import { BrokerChannel } from '../cluster/broker-channel.ts';
import { Peers } from '../cluster/peers.ts';
import type { ServerClock } from '../cluster/server-clock.ts';
import type { BrokerMessage, BrokerMessageOf } from '../core/model/broker-message.ts';
import type { Cluster } from '../core/ports/cluster.ts';
import type { Membership } from '../store/postgres/membership.ts';
import type { BrokerMember } from '../store/postgres/open.ts';
import type { Runtime } from './runtime.ts';

/** A broker that has entered the brokers of its database, before it opens the store. */
export interface EnteredBroker {
  membership: Membership;
  clock: ServerClock;
  /** Called once, when another broker has removed this one. */
  onRemoved: () => void;
}

export class ClusterMember implements Cluster, BrokerMember {
  readonly brokerId: string;
  readonly identity: BrokerMember['identity'];
  readonly peers: Peers;
  readonly #membership: Membership;
  readonly #channel: BrokerChannel;
  readonly #missedListeners: Array<() => void> = [];
  #onEnded: (brokerId: string) => void = () => {};
  #onRemoved: (() => void) | undefined;

  constructor(runtime: Runtime, { membership, onRemoved }: EnteredBroker) {
    this.brokerId = runtime.ids();
    this.identity = { id: this.brokerId, idClock: runtime.idClock };
    this.#membership = membership;
    this.#onRemoved = onRemoved;
    this.#channel = new BrokerChannel({
      brokerId: this.brokerId,
      notify: (payloads) => membership.notify(payloads),
      onFault: runtime.onFault,
    });
    this.peers = new Peers({
      brokerId: this.brokerId,
      send: (message) => this.#channel.send(message),
      onFault: runtime.onFault,
      currentForMs: membership.currentForMs,
    });
    this.#channel.on('joined', ({ brokerId }) => this.peers.joined(brokerId));
    this.#channel.on('acknowledged', ({ brokerId, by }) => {
      if (brokerId === this.brokerId) this.peers.acknowledged(by);
    });
    this.#channel.on('anything', () => this.#missed());
  }

  async join(onOutsideChange: () => void): Promise<void> {
    await this.#membership.join(
      { id: this.brokerId, host: hostname(), version: ownVersion() },
      {
        onRemoved: () => this.onRemoved(),
        onOutsideChange,
        onPayload: (payload) => this.#channel.receive(payload),
        onMissed: () => this.#missed(),
        onPeers: (ids, sentAt) => this.peers.see(ids, sentAt),
        onLeft: () => this.#missed(),
        onEnded: (brokerId) => this.#onEnded(brokerId),
      },
    );
    this.#channel.send({ kind: 'joined', brokerId: this.brokerId });
  }

  onRemoved(): void {
    const onRemoved = this.#onRemoved;
    this.#onRemoved = undefined;
    onRemoved?.();
  }

  async leave(): Promise<void> {
    this.#channel.close();
    await this.#membership.release();
  }

  hasPeers(): boolean {
    return this.peers.hasPeers();
  }

  isCurrent(): boolean {
    return this.#membership.isCurrent();
  }

  send(message: BrokerMessage): void {
    if (this.hasPeers()) this.#channel.send(message);
  }

  onMessage<Kind extends BrokerMessage['kind']>(
    kind: Kind,
    listener: (message: BrokerMessageOf<Kind>) => void,
  ): void {
    this.#channel.on(kind, listener);
  }

  onMissed(listener: () => void): void {
    this.#missedListeners.push(listener);
  }

  /** Sets the listener for brokers that have ended or are paused. It is called until their rows are removed. */
  onEnded(listener: (brokerId: string) => void): void {
    this.#onEnded = listener;
  }

  #missed(): void {
    for (const listener of this.#missedListeners) listener();
  }
}
