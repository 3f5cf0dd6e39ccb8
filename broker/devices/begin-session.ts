/**
 * Begins a session in the transaction of its hello: stores it as the latest session of its device, for all brokers, and
 * resumes the leases of the device. After the commit, an earlier session gets no further message.
 */
import type { HelloFrame } from '../../shared/protocol.ts';
import type { Queries } from '../core/ports/store.ts';
import type { DeviceContext } from './context.ts';
import { type ResumedLeases, resumeLeases } from './resume-leases.ts';
import type { OpenSession, StateBeforeHello } from './session-registry.ts';

interface BegunSession extends ResumedLeases, StateBeforeHello {
  outcome: 'begun';
}

/** `stopped`: the run of a shortcut has ended. */
export type Rejection = 'revoked' | 'outdated' | 'stopped';

/** `revoked`: also if the device has a new token. `closed`: the connection was closed before the transaction. */
export type BeginOutcome = BegunSession | { outcome: Rejection | 'closed' };

export async function beginSession(
  tx: Queries,
  hello: HelloFrame,
  session: OpenSession,
  { cluster, sessions, leaseMs, reportTimeoutMs, now, monotonicNow }: DeviceContext,
): Promise<BeginOutcome> {
  const { deviceId, sessionId, isJournaling, transport } = session;
  if (!sessions.isOpen(session)) return { outcome: 'closed' };
  const earlier = await tx.deviceSessions.earlier(deviceId);
  if (earlier === undefined || earlier.revokedAt !== null || earlier.tokenHash !== session.tokenHash) {
    return { outcome: 'revoked' };
  }
  // Without a connection, the order of the ids is not needed. On SQLite the clock may have been set back before a restart.
  const isOutdated = earlier.brokerId !== null && (earlier.sessionId ?? '') > sessionId;
  if (isOutdated) return { outcome: 'outdated' };
  if (transport.admit !== undefined && !(await transport.admit(tx))) return { outcome: 'stopped' };
  // Only a run of the shortcut continues after the request in which it was replaced.
  const endsRun = earlier.transport === 'shortcut' && transport.kind !== 'shortcut';
  if (endsRun) await tx.shortcutRuns.stopAll(deviceId, monotonicNow());
  await tx.deviceSessions.begin({
    ...{ deviceId, sessionId, brokerId: cluster.brokerId, transport: transport.kind, at: now() },
    ...{ platform: hello.platform, agent: hello.agent, capabilities: hello.capabilities },
  });
  const lease = { isJournaling, now: monotonicNow(), leaseMs, reportTimeoutMs };
  const resumed = await resumeLeases(tx, deviceId, hello, lease);
  return {
    ...{ outcome: 'begun', ...resumed },
    earlierBrokerId: earlier.brokerId,
    knownHealth: earlier.isOnline ? earlier.health : null,
  };
}
