/**
 * Has shortcuts signed by a connected Mac of the same account, and keeps what was signed: the same bytes are signed
 * once. Without a Mac there is no signed one, and people build the shortcut by hand.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Store } from '../core/ports/store.ts';
import type { SessionRegistry } from './session-registry.ts';

export interface ShortcutSigning {
  /** Whether `sign` would give it: it is kept, or a Mac is there. */
  isPossible(tenantId: number, unsigned: Uint8Array): Promise<boolean>;
  /** Undefined where nobody can sign it now. */
  sign(tenantId: number, name: string, unsigned: Uint8Array): Promise<Uint8Array | undefined>;
}

/** The Mac asks Apple's servers. */
const ANSWER_MAX_MS = 70_000;
const signed = z.looseObject({ bytes: z.base64().min(1) });

export function shortcutSigning(options: {
  store: Store;
  sessions: SessionRegistry;
  now: () => number;
  onProblem(problem: string): void;
}): ShortcutSigning {
  const { store, sessions, now, onProblem } = options;
  const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
  /** Several who ask for the same at once wait for one signature. */
  const running = new Map<string, Promise<Uint8Array | undefined>>();

  const askMac = async (tenantId: number, name: string, unsigned: Uint8Array, sha256: string) => {
    const mac = sessions.signer(tenantId);
    if (mac === undefined) return undefined;
    const bytes = Buffer.from(unsigned).toString('base64');
    const answer = await mac.ask('sign_shortcut', { name, bytes }, ANSWER_MAX_MS);
    const parsed = signed.safeParse(answer);
    if (!parsed.success) {
      const error = (answer as { error?: { message?: unknown } } | undefined)?.error?.message;
      onProblem(answer === undefined ? 'the Mac did not answer' : String(error ?? 'it gave no bytes'));
      return undefined;
    }
    const file = Buffer.from(parsed.data.bytes, 'base64');
    await store.transaction((tx) => tx.signedShortcuts.put(sha256, file, now()));
    return file;
  };

  return {
    async isPossible(tenantId, unsigned) {
      if (sessions.signer(tenantId) !== undefined) return true;
      return (await store.read.signedShortcuts.find(hashOf(unsigned))) !== undefined;
    },
    async sign(tenantId, name, unsigned) {
      const sha256 = hashOf(unsigned);
      const kept = await store.read.signedShortcuts.find(sha256);
      if (kept !== undefined) return kept;
      const waiting = running.get(sha256);
      if (waiting !== undefined) return waiting;
      const asking = askMac(tenantId, name, unsigned, sha256).finally(() => running.delete(sha256));
      running.set(sha256, asking);
      return asking;
    },
  };
}
