/**
 * Records the running broker in its data folder, so that commands find its address. A killed broker leaves its record
 * behind: `isAnswering` detects that.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const brokerRecord = z.object({
  /** The public URL, or the address at which the broker listens. */
  url: z.string(),
  /** The address at which the broker listens. */
  localUrl: z.string(),
  version: z.string(),
  pid: z.number(),
  /** Id of this run of the broker. Earlier versions recorded none. */
  brokerId: z.string().optional(),
  /** Epoch ms. */
  startedAt: z.number(),
});

export type BrokerRecord = z.infer<typeof brokerRecord>;

const PROBE_TIMEOUT_MS = 2_000;

/** Returns a function that removes the record. */
export function recordBroker(folder: string, record: BrokerRecord): () => void {
  const file = recordFile(folder);
  writeFileSync(file, `${JSON.stringify(record)}\n`);
  return () => rmSync(file, { force: true });
}

/** Returns the record of the running broker, or of the last one if it was killed; undefined after a clean stop. */
export function recordedBroker(folder: string): BrokerRecord | undefined {
  const file = recordFile(folder);
  if (!existsSync(file)) return undefined;
  try {
    return brokerRecord.safeParse(JSON.parse(readFileSync(file, 'utf8'))).data;
  } catch {
    // The disk was full when the broker wrote it.
    return undefined;
  }
}

export async function isAnswering({ localUrl }: BrokerRecord): Promise<boolean> {
  const url = new URL(
    '/healthz',
    localUrl.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:'),
  );
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

const recordFile = (folder: string) => join(folder, 'broker.json');
