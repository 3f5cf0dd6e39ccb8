/** Exchanges the one-time code of a setup link for the device token. */
import { z } from 'zod';

export class PairingRejectedError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'PairingRejectedError';
  }
}

export interface Pairing {
  device: string;
  token: string;
  numbers: string[];
}

const RESPONSE_MAX_MS = 30_000;

const pairing = z.object({ device: z.string(), token: z.string(), numbers: z.array(z.string()) });
const errorBody = z.object({ error: z.object({ message: z.string() }) });

/** @throws PairingRejectedError if the code is unknown, used or expired. */
export async function exchangeCode(url: string, code: string): Promise<Pairing> {
  const response = await fetch(`${url.replace(/\/+$/, '')}/relay/v1/pair`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code }),
    redirect: 'error',
    signal: AbortSignal.timeout(RESPONSE_MAX_MS),
  });
  const body: unknown = await response.json().catch(() => undefined);
  const success = pairing.safeParse(body);
  if (response.ok && success.success) return success.data;
  const failure = errorBody.safeParse(body);
  throw new PairingRejectedError(
    failure.success ? failure.data.error.message : `The broker returned status ${response.status}.`,
  );
}
