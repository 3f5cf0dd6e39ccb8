/**
 * Operations are data. An endpoint is one value: what it is called with, what it needs, what it answers and
 * an example; the router, the checks and the documentation are made from the same value. An API is a set of
 * operations that share who may call (authenticate) and how errors look (mapError).
 */
import type { IncomingMessage } from 'node:http';
import type { z } from 'zod';
import type { HomingError } from '../core/model/errors.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface OperationResponse {
  status: number;
  /** Sent as JSON; a string is sent as it is, with `contentType`. Left out: no body. */
  body?: unknown;
  contentType?: string;
  /** Sent instead of a body, as it comes; `size` in bytes, where that is known before. */
  stream?: { size?: number; chunks: AsyncIterable<Uint8Array> };
  headers?: Record<string, string>;
}

/** The request's connection, for answers that wait. */
export interface Connection {
  isOpen(): boolean;
  /** Calls back once, when the client has gone before its answer was written. */
  onGone(listener: () => void): void;
}

export interface OperationRequest<Caller, Query, Body> {
  caller: Caller;
  params: Readonly<Record<string, string>>;
  query: Query;
  body: Body;
  request: IncomingMessage;
  connection: Connection;
}

export interface ResponseSpec {
  description: string;
  schema?: z.ZodType;
  /** Where it is not the API's own. */
  contentType?: string;
}

export interface Operation<Caller, Query = unknown, Body = unknown> {
  /** camelCase, unique within its API. */
  id: string;
  method: Method;
  /** Express's form: `/v1/messages/:id`. */
  path: string;
  summary: string;
  permission?: string;
  /** Request headers that it looks at, and what they say. */
  headers?: Readonly<Record<string, string>>;
  query?: z.ZodType<Query>;
  body?: z.ZodType<Body>;
  /** Bytes; 64 KiB unless said. */
  bodyLimit?: number;
  responses: Readonly<Record<number, ResponseSpec>>;
  example?: { params?: Record<string, string>; query?: Record<string, string>; body?: unknown };
  /** Whether a path of this form is meant for it, where it begins with a name; else the next API is asked. */
  isFor?(params: Readonly<Record<string, string>>): boolean;
  /** Served ahead of Express, from this same value: for paths without parameters that carry the load. */
  isHot?: boolean;
  handle(call: OperationRequest<Caller, Query, Body>): Promise<OperationResponse>;
}

export interface Authenticated<Caller> {
  caller: Caller;
  /** Sent with every answer, also with refusals that come later. */
  headers: Record<string, string>;
  /** A refusal that is still to be answered with those headers. */
  error?: HomingError | undefined;
}

/** How a key is sent: in the header of that name, or as `Authorization: Bearer`. */
export type KeyPlace = 'x-api-key' | 'x-service-token' | 'bearer';

/** What an API's description says beside its operations. */
export interface ApiDescription {
  /** APIs of one name are described together. */
  name: string;
  /** As people call it. */
  title: string;
  /** A sentence or two. */
  summary: string;
  /** Each of them will do. */
  keysIn: readonly KeyPlace[];
  /** Of its answers; application/json unless said. */
  contentType?: string;
  /** How its refusals look. */
  error: z.ZodType;
  /** What the parameters in its paths are. */
  params: Readonly<Record<string, string>>;
}

export interface Api<Caller> {
  name: string;
  /** Left out: it is not described to customers. */
  description?: ApiDescription;
  /** The operation is undefined for paths and methods that have none. */
  authenticate(
    request: IncomingMessage,
    operation: Operation<Caller> | undefined,
  ): Authenticated<Caller> | Promise<Authenticated<Caller>>;
  /** Whether a caller that was let in is so no longer. */
  recheck?(caller: Caller): Promise<HomingError | undefined>;
  mapError(error: HomingError, requestId: string): OperationResponse;
  operations: ReadonlyArray<Operation<Caller>>;
}

// biome-ignore lint/suspicious/noExplicitAny: every API has a caller type of its own, which only it looks at
export type AnyApi = Api<any>;

/** Holds an operation's own types together while lists of them forget the types. */
export function operation<Caller, Query, Body>(value: Operation<Caller, Query, Body>): Operation<Caller> {
  return value as unknown as Operation<Caller>;
}
