/** Queries of requests between brokers that are too long for a notification. */
export interface DeviceRequestQueries {
  /** Stores the JSON of a request. */
  insert(id: string, fields: string, now: number): Promise<void>;
  find(id: string): Promise<{ fields: string | null; response: string | null } | undefined>;
  /** Stores the JSON of a response, also without a stored request. */
  respond(id: string, response: string, now: number): Promise<void>;
  remove(id: string): Promise<void>;
  /** Deletes up to `limit` requests from before the time (epoch ms). Returns the number of deletions. */
  purge(before: number, limit: number): Promise<number>;
}
