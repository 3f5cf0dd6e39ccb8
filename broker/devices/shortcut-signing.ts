/**
 * Signs shortcuts on a connected Mac of the same account, and caches the signed files: equal bytes are signed once.
 * Without a Mac there is no signed shortcut, and the owner of the iPhone builds it by hand.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Store } from '../core/ports/store.ts';
import type { SessionRegistry } from './session-registry.ts';

export interface ShortcutSigning {
  /** Whether `sign` can succeed: the signed file is cached, or a Mac is connected. */
  isPossible(tenantId: number, unsigned: Uint8Array): Promise<boolean>;
  /** Returns undefined if no connected Mac signed the file. */
  sign(tenantId: number, name: string, unsigned: Uint8Array): Promise<Uint8Array | undefined>;
}

/** Long, because the Mac contacts Apple's servers. */
const RESPONSE_TIMEOUT_MS = 70_000;
const signed = z.looseObject({ bytes: z.base64().min(1) });

export function shortcutSigning(options: {
  store: Store;
  sessions: SessionRegistry;
  now: () => number;
  onProblem(problem: string): void;
}): ShortcutSigning {
  const { store, sessions, now, onProblem } = options;
  const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
  /** Concurrent requests for the same bytes share one signature. */
  const running = new Map<string, Promise<Uint8Array | undefined>>();

  const signOnMac = async (tenantId: number, name: string, unsigned: Uint8Array, sha256: string) => {
    const mac = sessions.findSigningMac(tenantId);
    if (mac === undefined) return undefined;
    const bytes = Buffer.from(unsigned).toString('base64');
    const response = await mac.request('sign_shortcut', { name, bytes }, RESPONSE_TIMEOUT_MS);
    const parsed = signed.safeParse(response);
    if (!parsed.success) {
      const error = (response as { error?: { message?: unknown } } | undefined)?.error?.message;
      onProblem(
        response === undefined ? 'the Mac did not respond' : String(error ?? 'the response has no bytes'),
      );
      return undefined;
    }
    const file = Buffer.from(parsed.data.bytes, 'base64');
    await store.transaction((tx) => tx.signedShortcuts.put(sha256, file, now()));
    return file;
  };

  return {
    async isPossible(tenantId, unsigned) {
      if (sessions.findSigningMac(tenantId) !== undefined) return true;
      return (await store.read.signedShortcuts.find(hashOf(unsigned))) !== undefined;
    },
    async sign(tenantId, name, unsigned) {
      const sha256 = hashOf(unsigned);
      const cached = await store.read.signedShortcuts.find(sha256);
      if (cached !== undefined) return cached;
      const other = running.get(sha256);
      if (other !== undefined) return other;
      const signing = signOnMac(tenantId, name, unsigned, sha256).finally(() => running.delete(sha256));
      running.set(sha256, signing);
      return signing;
    },
  };
}
