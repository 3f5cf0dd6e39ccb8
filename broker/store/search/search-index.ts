/** Defines the searches, and what each engine provides for them. */
import type { MessageBrowseFilter } from '../../core/ports/inbox.ts';
import type { NamedValues } from '../database.ts';
import type { Dialect } from '../dialect.ts';
import type { SearchTerms } from './search-terms.ts';

/** Maximum number of messages with the words that one search reads: the newest ones. */
export const HITS_MAX = 1_000;

export interface HitRequest {
  tenantId: number;
  /** undefined: all numbers of the tenant. */
  numberId: string | undefined;
  terms: SearchTerms;
  /** Only messages created at or after, and before this time (epoch ms). */
  since?: number | undefined;
  until?: number | undefined;
  /** Only messages older than this id. */
  before?: string | undefined;
}

/** The full-text index of an engine, on a connection that only searches use. */
export interface SearchIndex {
  readonly dialect: Dialect;
  all<Row>(sql: string, values: NamedValues): Promise<Row[]>;
  /** Returns the ids of up to `HITS_MAX` messages with the words, newest first. */
  newestWith(request: HitRequest): Promise<string[]>;
  /** Returns the handles of up to `limit` contacts whose name contains the part. `part` is the result of `foldText`. */
  handlesOfNames(tenantId: number, part: string, limit: number): Promise<string[]>;
}

export interface RankedSearch {
  tenantId: number;
  numberId: string;
  phrases: readonly (readonly string[])[];
  limit: number;
}

export interface FilteredSearch {
  tenantId: number;
  text: string;
  filter: MessageBrowseFilter;
  before: string | undefined;
  limit: number;
}

/** `next`: the last examined message, if there may be more. */
export interface FilteredResult {
  ids: string[];
  next: string | undefined;
}

export interface ConversationSearch {
  tenantId: number;
  numberId: string | undefined;
  only: 'unread' | 'groups' | undefined;
  text: string;
  /** Only conversations whose latest message is older than this id. */
  before: string;
  limit: number;
}

export interface FoundConversation {
  id: string;
  /** The newest message that contains the words; null: the name or a handle matches. */
  messageId: string | null;
}

export type Search =
  | { kind: 'ranked'; search: RankedSearch }
  | { kind: 'filtered'; search: FilteredSearch }
  | { kind: 'conversations'; search: ConversationSearch };

export type Found = string[] | FilteredResult | FoundConversation[];
