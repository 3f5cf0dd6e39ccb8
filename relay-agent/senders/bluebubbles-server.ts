/** Knows the state of a BlueBubbles server, and turns its responses into outcomes. */
import type { BlueBubblesClient, ServerRequest, ServerResponse } from './bluebubbles-client.ts';
import { asRejection, lacksPrivateApi, outcomeOf, type Rejection } from './bluebubbles-outcomes.ts';
import { chatLookup } from './bluebubbles-requests.ts';
import {
  INFO_REQUEST,
  isAvailable,
  readInfo,
  type ServerInfo,
  type Unavailable,
} from './bluebubbles-state.ts';
import type { SendOutcome } from './sender.ts';

/** `data` is that of an accepted request. */
export interface Result {
  outcome: SendOutcome;
  data: unknown;
}

export type FoundChat =
  | { kind: 'found'; chat: string }
  | { kind: 'missing' }
  | { kind: 'failed'; rejection: Rejection };

export interface BlueBubblesServer {
  /** Requests the state of the server. Parallel calls share one request. */
  probe(): Promise<ServerInfo | Unavailable>;
  /** Returns the state of the last probe; probes if it is not known or no longer valid. */
  info(): Promise<ServerInfo | Unavailable>;
  /** False: the last response has shown that the state has changed. */
  isCurrent(): boolean;
  /** Sends a request that sends no message. */
  query(request: ServerRequest): Promise<ServerResponse>;
  /** Sends a request whose outcome counts. `timeoutMs` can shorten the default timeout. */
  perform(request: ServerRequest, timeoutMs?: number): Promise<Result>;
  /** Returns the first chat that exists. */
  findChat(guids: readonly string[]): Promise<FoundChat>;
}

/** `server/info` runs `sntp`, which takes seconds on a Mac without a network. */
const QUERY_TIMEOUT_MS = 15_000;

export function blueBubblesServer(client: BlueBubblesClient, timeoutMs: number): BlueBubblesServer {
  const queryTimeoutMs = Math.min(timeoutMs, QUERY_TIMEOUT_MS);
  let probing: Promise<ServerInfo | Unavailable> | undefined;
  let known: ServerInfo | undefined;

  const readServerInfo = async (): Promise<ServerInfo | Unavailable> => {
    const info = readInfo(await client.request(INFO_REQUEST, queryTimeoutMs), client.origin);
    known = isAvailable(info) ? info : undefined;
    probing = undefined;
    return info;
  };
  const probe = () => {
    probing ??= readServerInfo();
    return probing;
  };
  const request = async (each: ServerRequest, limitMs: number): Promise<ServerResponse> => {
    const response = await client.request(each, limitMs);
    if (lacksPrivateApi(response)) known = undefined;
    return response;
  };
  const query = (each: ServerRequest) => request(each, queryTimeoutMs);

  return {
    probe,
    info: async () => known ?? probe(),
    isCurrent: () => known !== undefined,
    query,
    async perform(each, limitMs = timeoutMs) {
      const response = await request(each, Math.min(timeoutMs, limitMs));
      const outcome = outcomeOf(response, client.origin);
      const isAccepted = outcome.kind === 'accepted' && response.kind === 'response';
      return { outcome, data: isAccepted ? response.data : undefined };
    },
    async findChat(guids) {
      for (const chat of guids) {
        const response = await query(chatLookup(chat));
        const outcome = asRejection(outcomeOf(response, client.origin));
        if (outcome.kind === 'accepted') return { kind: 'found', chat };
        const isMissing = response.kind === 'response' && response.status === 404;
        if (!isMissing) return { kind: 'failed', rejection: outcome };
      }
      return { kind: 'missing' };
    },
  };
}
