/** Defines how a broker cooperates with the other brokers on its database. */
import type { BrokerMessage, BrokerMessageOf } from '../model/broker-message.ts';

export interface Cluster {
  /** Id of this run of the broker. */
  readonly brokerId: string;
  /** Whether another broker runs on the database. */
  hasPeers(): boolean;
  /**
   * Whether no other broker can have taken over the work of this one. False for example after the process was paused:
   * nothing may then be sent that was prepared before.
   */
  isCurrent(): boolean;
  /** Sends a message to the other brokers, within some milliseconds. Messages can be lost. */
  send(message: BrokerMessage): void;
  onMessage<Kind extends BrokerMessage['kind']>(
    kind: Kind,
    listener: (message: BrokerMessageOf<Kind>) => void,
  ): void;
  /** Registers a listener for the moments after which messages of other brokers may be missing. */
  onMissed(listener: () => void): void;
}

/** The cluster of a broker that is alone on its database. */
export function singleBroker(brokerId: string): Cluster {
  return {
    brokerId,
    hasPeers: () => false,
    isCurrent: () => true,
    send: () => {},
    onMessage: () => {},
    onMissed: () => {},
  };
}
