/**
 * Signs shortcuts on a connected Mac of the same account, and caches the signed files: equal bytes are signed once.
 * Without a Mac there is no signed shortcut, and the owner of the iPhone builds it by hand. A signed file that lost a part
 * of the shortcut is rejected, and not cached.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Store } from '../core/ports/store.ts';
import type { ReachableDevices } from './reachable-devices.ts';

export interface UnsignedShortcut {
  name: string;
  bytes: Uint8Array;
  /** Compares with the property list in the signed file. Returns the loss as a sentence; undefined: nothing is missing. */
  lossIn(unpacked: Uint8Array): string | undefined;
}

/** `no_mac`: no Mac is connected. `failed`: the Mac signed nothing. `lost_parts`: see `problem`. */
export type Signature =
  | { outcome: 'signed'; bytes: Uint8Array }
  | { outcome: 'no_mac' }
  | { outcome: 'failed' | 'lost_parts'; problem: string };

export interface ShortcutSigning {
  /** Whether `sign` can succeed: the signed file is cached, or a Mac is connected. */
  isPossible(tenantId: number, unsigned: Uint8Array): Promise<boolean>;
  sign(tenantId: number, shortcut: UnsignedShortcut): Promise<Signature>;
}

/** Long, because the Mac contacts Apple's servers. */
const RESPONSE_TIMEOUT_MS = 70_000;
const signed = z.looseObject({ bytes: z.base64().min(1), unpacked: z.base64().optional() });

export function shortcutSigning(options: {
  store: Store;
  reachable: Pick<ReachableDevices, 'findSigningMac'>;
  now: () => number;
  onProblem(problem: string): void;
}): ShortcutSigning {
  const { store, reachable, now, onProblem } = options;
  const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
  /** Concurrent requests for the same bytes share one signature. */
  const running = new Map<string, Promise<Signature>>();

  const signOnMac = async (
    tenantId: number,
    shortcut: UnsignedShortcut,
    sha256: string,
  ): Promise<Signature> => {
    const mac = await reachable.findSigningMac(tenantId);
    if (mac === undefined) return { outcome: 'no_mac' };
    const reject = (outcome: 'failed' | 'lost_parts', problem: string): Signature => {
      onProblem(problem);
      return { outcome, problem };
    };
    const { name, lossIn } = shortcut;
    const bytes = Buffer.from(shortcut.bytes).toString('base64');
    const response = await mac.request('sign_shortcut', { name, bytes }, RESPONSE_TIMEOUT_MS);
    const parsed = signed.safeParse(response);
    if (!parsed.success) {
      const error = (response as { error?: { message?: unknown } } | undefined)?.error?.message;
      const problem = String(error ?? 'the response has no bytes');
      return reject('failed', response === undefined ? 'the Mac did not respond' : problem);
    }
    if (parsed.data.unpacked === undefined) {
      return reject('failed', 'the agent on the Mac cannot check signed files; update it');
    }
    const loss = lossIn(Buffer.from(parsed.data.unpacked, 'base64'));
    if (loss !== undefined) return reject('lost_parts', loss);
    const file = Buffer.from(parsed.data.bytes, 'base64');
    await store.transaction((tx) => tx.signedShortcuts.put(sha256, file, now()));
    return { outcome: 'signed', bytes: file };
  };

  return {
    async isPossible(tenantId, unsigned) {
      if ((await reachable.findSigningMac(tenantId)) !== undefined) return true;
      return (await store.read.signedShortcuts.find(hashOf(unsigned))) !== undefined;
    },
    async sign(tenantId, shortcut) {
      const sha256 = hashOf(shortcut.bytes);
      const cached = await store.read.signedShortcuts.find(sha256);
      if (cached !== undefined) return { outcome: 'signed', bytes: cached };
      const other = running.get(sha256);
      if (other !== undefined) return other;
      const signing = signOnMac(tenantId, shortcut, sha256).finally(() => running.delete(sha256));
      running.set(sha256, signing);
      return signing;
    },
  };
}
