/** Measures since when the heartbeats of other brokers have stopped. Clocks of other machines are not compared. */

/** Time without a heartbeat after which a broker without a session has ended. */
const ENDED_AFTER_MS = 3_000;
/** Time without a heartbeat after which a broker is removed although it has a session. */
const PAUSED_AFTER_MS = 8_000;

export interface PeerRow {
  /** Null: there is no other broker. */
  id: string | null;
  /** Number of its heartbeats. */
  beats: number | null;
}

export interface PeerState {
  ids: ReadonlySet<string>;
  /** Whether the row of a broker was removed. */
  hasLeft: boolean;
  /** Without a heartbeat for so long that a session does not count. */
  paused: string[];
  /** Without a heartbeat: they have ended if they have no session. */
  silent: string[];
}

interface Peer {
  beats: number;
  /** Since when this process has seen that number, on the clock of `performance.now()`. */
  since: number;
}

export class PeerWatch {
  readonly #peers = new Map<string, Peer>();

  /** Measures from the next rows, because heartbeats may have stopped with the server. */
  restart(): void {
    this.#peers.clear();
  }

  /** `rows`: the other brokers at `now`, on the clock of `performance.now()`. */
  see(rows: readonly PeerRow[], now: number): PeerState {
    const ids = new Set<string>();
    const paused: string[] = [];
    const silent: string[] = [];
    for (const { id, beats } of rows) {
      if (id === null || beats === null) continue;
      ids.add(id);
      const peer = this.#peers.get(id);
      if (peer === undefined || peer.beats !== beats) this.#peers.set(id, { beats, since: now });
      else if (now - peer.since >= PAUSED_AFTER_MS) paused.push(id);
      else if (now - peer.since >= ENDED_AFTER_MS) silent.push(id);
    }
    const left = [...this.#peers.keys()].filter((id) => !ids.has(id));
    for (const id of left) this.#peers.delete(id);
    return { ids, hasLeft: left.length > 0, paused, silent };
  }
}
