/**
 * Defines operations as data. An endpoint is one value: method, path, permission, schemas of the parameters, the body and
 * each response, an example and a handler. The router, the validation, the documentation and the typed client are made
 * from the same value. The operations of an API share their authentication and their error format.
 */
import type { IncomingMessage } from 'node:http';
import type { z } from 'zod';
import type { ErrorCode, HomingError } from '../core/model/errors.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface OperationResponse {
  status: number;
  /** Serialized as JSON; a string is sent unchanged, with `contentType`. Omitted: no body. */
  body?: unknown;
  contentType?: string;
  /**
   * Streamed instead of `body`. `size`: bytes, if known in advance. `onClose` is called when the response has ended, also
   * if nothing was streamed.
   */
  stream?: { size?: number; chunks: AsyncIterable<Uint8Array>; onClose?(): void };
  headers?: Record<string, string>;
}

/** The connection of a request, for delayed responses. */
export interface Connection {
  isOpen(): boolean;
  /** Calls the listener once if the client disconnects before the response is written. */
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
  /** Overrides the content type of the API. */
  contentType?: string;
}

export interface Operation<Caller, Query = unknown, Body = unknown> {
  /** camelCase, unique within its API. */
  id: string;
  method: Method;
  /** In the syntax of Express: `/v1/messages/:id`. */
  path: string;
  summary: string;
  permission?: string;
  /** Request headers that the operation reads, with their descriptions. */
  headers?: Readonly<Record<string, string>>;
  query?: z.ZodType<Query>;
  body?: z.ZodType<Body>;
  /** The file of a multipart/form-data body, which the handler reads; instead of `body`. */
  file?: { field: string; description: string };
  /** Maximum size of the body in bytes; default 64 KiB. */
  bodyLimit?: number;
  responses: Readonly<Record<number, ResponseSpec>>;
  /** Errors of this operation beside the common ones, for the documentation. */
  errors?: readonly ErrorCode[];
  example?: { params?: Record<string, string>; query?: Record<string, string>; body?: unknown };
  /** Whether the operation serves a path that begins with a parameter. If not, the next API is tried. */
  isFor?(params: Readonly<Record<string, string>>): boolean;
  /** Served before Express: for frequent operations whose path has no parameters. */
  isHot?: boolean;
  /** Always fails, for clients of the original API. Not part of the documentation. */
  isUnavailable?: boolean;
  handle(request: OperationRequest<Caller, Query, Body>): Promise<OperationResponse>;
}

export interface Authenticated<Caller> {
  caller: Caller;
  /** Sent with every response, including later errors. */
  headers: Record<string, string>;
  /** The error of a rejected caller; the response includes the headers above. */
  error?: HomingError | undefined;
}

/** Header of the API key: the header of that name, or `Authorization: Bearer`. */
export type KeyPlace = 'x-api-key' | 'x-service-token' | 'bearer';

/** An event that an API delivers to webhooks by POST. */
export interface WebhookSpec {
  /** Type of the event, unique within its API. */
  event: string;
  summary: string;
  /** Request headers with their descriptions. */
  headers: Readonly<Record<string, string>>;
  body: z.ZodType;
  example: unknown;
}

/** Describes an API in the documentation. */
export interface ApiDescription {
  /** APIs with the same name share one description. */
  name: string;
  /** Display name. */
  title: string;
  /** One or two sentences. */
  summary: string;
  /** Accepted headers; one is enough. */
  keysIn: readonly KeyPlace[];
  /** Content type of the responses; default application/json. */
  contentType?: string;
  /** Schema of the error body. */
  error: z.ZodType;
  /** Events that the API delivers to webhooks. */
  webhooks?: readonly WebhookSpec[];
  /** Descriptions of the path parameters. */
  params: Readonly<Record<string, string>>;
}

export interface Api<Caller> {
  name: string;
  /** Omitted: the API is not part of the documentation. */
  description?: ApiDescription;
  /** `operation` is undefined for a path or method without an operation. */
  authenticate(
    request: IncomingMessage,
    operation: Operation<Caller> | undefined,
  ): Authenticated<Caller> | Promise<Authenticated<Caller>>;
  /** Returns an error if an authenticated caller was revoked since. */
  recheck?(caller: Caller): Promise<HomingError | undefined>;
  /** Whether the authenticated callers are devices, for which the broker keeps room. */
  isForDevices?: boolean;
  mapError(error: HomingError, requestId: string): OperationResponse;
  operations: ReadonlyArray<Operation<Caller>>;
}

// biome-ignore lint/suspicious/noExplicitAny: each API has its own caller type, which only that API reads
export type AnyApi = Api<any>;

/** Checks the types of one operation; a list of operations erases them. */
export function operation<Caller, Query, Body>(value: Operation<Caller, Query, Body>): Operation<Caller> {
  return value as unknown as Operation<Caller>;
}
