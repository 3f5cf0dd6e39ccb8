/** Where commands have messages from: the data folder of this machine, or a broker anywhere, by its API. */
import type { ShownMessage } from '../message-output.ts';

export interface WantedMessage {
  to: string;
  /** Left out: the account's only number, or the sandbox's. */
  from: string | undefined;
  content: string;
}

export interface ShownStep {
  /** Null where it is not told. */
  at: string | null;
  step: string;
  status: string;
  detail: unknown;
}

export interface MessageSource {
  /** How long to wait between two looks at what changes. */
  lookMs: number;
  /** That there are none, for people. */
  emptyWords: string;
  /** Where a message may be that is not here, for people. */
  elsewhere: string;
  send(wanted: WantedMessage): Promise<ShownMessage>;
  find(id: string): Promise<ShownMessage | undefined>;
  /** The newest first. */
  newest(limit: number): Promise<ShownMessage[]>;
  /** What came, and what changed, since those were the newest; it never ends. */
  follow(newest: readonly ShownMessage[]): AsyncIterable<ShownMessage>;
  /** What happened to a message of `find`, as far as it is known here. */
  stepsOf(message: ShownMessage): Promise<ShownStep[]>;
}
