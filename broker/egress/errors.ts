/** The error of a request to an untrusted URL. */

export class EgressBlockedError extends Error {
  /** Whether a later request to the same URL may succeed. */
  readonly isTemporary: boolean;

  constructor(message: string, isTemporary: boolean, cause?: unknown) {
    super(message, { cause });
    this.name = 'EgressBlockedError';
    this.isTemporary = isTemporary;
  }
}

/** The request was prepared, and must not be sent any more. */
export class WithheldError extends EgressBlockedError {
  constructor() {
    super('The request was withheld.', true);
    this.name = 'WithheldError';
  }
}

/** Converts any error of a request. */
export function egressErrorOf(error: unknown): EgressBlockedError {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof EgressBlockedError) return cause;
  }
  const { name, message, code } = error as Error & { code?: string };
  if (name === 'TimeoutError')
    return new EgressBlockedError('The server did not respond in time.', true, error);
  return new EgressBlockedError(`The request failed: ${message || code}.`, true, error);
}
