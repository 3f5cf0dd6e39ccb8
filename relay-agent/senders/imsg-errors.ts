/** Maps errors of imsg to the outcome of a send or a change (its docs/rpc.md, "Delivery outcomes"). */
import { JSONRPCErrorCode, JSONRPCErrorException } from 'json-rpc-2.0';
import { z } from 'zod';
import type { SendOutcome } from './sender.ts';

/** Code of errors that imsg did not send. */
export const LOCAL_ERROR = 0;
const SERVER_BUSY = -32_000;
const OUTCOME_UNKNOWN = -32_001;
const DATABASE_UNAVAILABLE = -32_002;
const BRIDGE_UNAVAILABLE = -32_003;
const MUTATION_LANE_BLOCKED = -32_004;
/** Errors of the request, which say nothing about the state of the process. */
const OF_REQUEST: ReadonlySet<number> = new Set([
  JSONRPCErrorCode.ParseError,
  JSONRPCErrorCode.InvalidRequest,
  JSONRPCErrorCode.MethodNotFound,
  JSONRPCErrorCode.InvalidParams,
  SERVER_BUSY,
]);
/** Errors that mean that imsg did not start to send. */
const NOT_STARTED: ReadonlySet<number> = new Set([
  ...OF_REQUEST,
  DATABASE_UNAVAILABLE,
  BRIDGE_UNAVAILABLE,
  MUTATION_LANE_BLOCKED,
]);
/** Missing Automation permission (as in osascript, and in imsg since 0.14), or Full Disk Access (imsg 0.9). */
const MISSING_PERMISSION = /\(-1743\)|AppleScript error -1743\b|requires Full Disk Access permission/;
const PROBLEM_MAX_CHARACTERS = 500;
/** A shorter text is also part of other words. */
const PRIVATE_MIN_CHARACTERS = 4;

/** Error data of imsg: a sentence, or since 0.14 an object for failed sends. */
const errorData = z.union([
  z.string().transform((detail) => ({ detail, disposition: undefined, retry_safe: undefined })),
  z.object({
    detail: z.string().optional().catch(undefined),
    disposition: z.string().optional().catch(undefined),
    retry_safe: z.boolean().optional().catch(undefined),
  }),
]);

/** Describes an error without the given texts, which are those of the message. */
export function problemOf(error: unknown, texts: readonly (string | undefined)[] = []): string {
  const { message, detail } = readError(error);
  let problem = `imsg: ${[message, detail].filter((part) => part !== undefined && part !== '').join(': ')}`;
  for (const text of texts) {
    if (text !== undefined && text.length >= PRIVATE_MIN_CHARACTERS) problem = problem.replaceAll(text, '…');
  }
  return shorten(problem);
}

export function outcomeOf(error: unknown, texts: readonly (string | undefined)[] = []): SendOutcome {
  const { code, disposition } = readError(error);
  const problem = problemOf(error, texts);
  if (code === LOCAL_ERROR || code === OUTCOME_UNKNOWN) {
    return disposition === 'not_started' ? rejected(problem) : { kind: 'unknown', problem };
  }
  if (isMissingPermission(error)) return { kind: 'rejected', code: 'permission_denied', problem };
  return isNotStarted(error) ? rejected(problem) : { kind: 'unknown', problem };
}

/** Returns whether the error proves that nothing was sent. */
export function isNotStarted(error: unknown): boolean {
  const { code, disposition, isRetrySafe } = readError(error);
  // The data of a blocked lane describes the earlier send.
  return NOT_STARTED.has(code) || disposition === 'not_started' || isRetrySafe;
}

/** Returns whether imsg knows no such method or parameter, as a version before its protocol. */
export function isUnknownMethod(error: unknown): boolean {
  return readError(error).code === JSONRPCErrorCode.MethodNotFound;
}

/** Returns whether imsg did not respond. */
export function isWithoutResponse(error: unknown): boolean {
  return readError(error).code === LOCAL_ERROR;
}

/** The error of imsg for a request that it does not start. */
export function busyError(reason: string): Error {
  return new JSONRPCErrorException('Server busy', SERVER_BUSY, reason);
}

export function isBusy(error: unknown): boolean {
  return readError(error).code === SERVER_BUSY;
}

/**
 * Returns whether only a new process can continue: the process is not responding, blocks every later send, or has no
 * permission, which macOS grants to a new process only.
 */
export function needsNewProcess(error: unknown): boolean {
  const { code, disposition } = readError(error);
  if (OF_REQUEST.has(code)) return false;
  if (code === MUTATION_LANE_BLOCKED) return true;
  if (code === OUTCOME_UNKNOWN) return disposition !== 'may_have_completed';
  return isMissingPermission(error) || disposition !== 'not_started';
}

export function isMissingPermission(error: unknown): boolean {
  return MISSING_PERMISSION.test(problemOf(error));
}

export function rejected(
  problem: string,
  code: 'device_error' | 'unsupported' = 'device_error',
): SendOutcome {
  return { kind: 'rejected', code, problem };
}

export function shorten(text: string): string {
  return text.slice(0, PROBLEM_MAX_CHARACTERS);
}

function readError(error: unknown) {
  if (!(error instanceof JSONRPCErrorException)) {
    return { code: LOCAL_ERROR, message: `${(error as Error).message}`, isRetrySafe: false };
  }
  const data = errorData.safeParse(error.data).data;
  return {
    code: error.code,
    message: error.message,
    detail: data?.detail,
    disposition: data?.disposition,
    isRetrySafe: data?.retry_safe === true,
  };
}
