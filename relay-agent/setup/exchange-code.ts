/** Exchanges the one-time code of a setup link for the device's token, which the broker shows this once. */
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

const ANSWER_MAX_MS = 30_000;

const pairing = z.object({ device: z.string(), token: z.string(), numbers: z.array(z.string()) });
const refusal = z.object({ error: z.object({ message: z.string() }) });

/** @throws PairingRejectedError where the broker knows no such code, or not any more. */
export async function exchangeCode(url: string, code: string): Promise<Pairing> {
  const response = await fetch(`${url.replace(/\/+$/, '')}/relay/v1/pair`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code }),
    redirect: 'error',
    signal: AbortSignal.timeout(ANSWER_MAX_MS),
  });
  const body: unknown = await response.json().catch(() => undefined);
  const answer = pairing.safeParse(body);
  if (response.ok && answer.success) return answer.data;
  const refused = refusal.safeParse(body);
  throw new PairingRejectedError(
    refused.success ? refused.data.error.message : `The broker answered ${response.status}.`,
  );
}
