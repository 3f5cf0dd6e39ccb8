/** Defines the queries of the brokers that share a database. */

/** Work that one broker does at a time. */
export const LEADER_ROLES = ['sandbox', 'provider', 'jobs'] as const;
export type LeaderRole = (typeof LEADER_ROLES)[number];

/** A broker on PostgreSQL that runs, or ended a moment ago. */
export interface ListedBroker {
  id: string;
  /** Name of its machine. */
  host: string;
  version: string;
  startedAt: number;
  heartbeatAt: number;
}

export interface BrokerQueries {
  /** Returns the brokers on the database, oldest first; none with SQLite. */
  list(): Promise<ListedBroker[]>;
  /**
   * Removes a broker that has ended, with its roles and webhook lanes. Its devices become orphans. Returns false if it was
   * removed before.
   */
  remove(brokerId: string): Promise<boolean>;
  /** Returns the ids of the brokers with a heartbeat after the time (epoch ms). None with SQLite. */
  running(after: number): Promise<Set<string>>;
  /** Returns the broker of each role that a running broker has. */
  roles(): Promise<Map<LeaderRole, string>>;
  /** Assigns the role to the broker if no running broker has it. Returns whether the broker has it. */
  claimRole(role: LeaderRole, brokerId: string): Promise<boolean>;
}
