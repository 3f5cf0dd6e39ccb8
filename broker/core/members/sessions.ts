/** Starts and continues the sessions of members. The token of a session is random; the store has only its hash. */
import type { IdSource } from '../../../shared/ids.ts';
import type { Member } from '../model/member.ts';
import type { Secrets } from '../ports/secrets.ts';
import type { Queries } from '../ports/store.ts';

const DAY_MS = 86_400_000;
/** A session ends after this time without a request. */
export const SESSION_IDLE_DAYS = 30;
/** The time of the last request is written at this interval. */
const USED_INTERVAL_MS = 5 * 60_000;
const SESSIONS_MAX = 50;
const USER_AGENT_MAX_CHARACTERS = 300;

export interface MemberContext {
  now: () => number;
  ids: IdSource;
  secrets: Secrets;
}

export interface SessionOrigin {
  userAgent: string;
  address: string;
}

/** Creates a session with a new token. The oldest session of a member with too many ends. */
export async function startSession(
  tx: Queries,
  member: Member,
  { userAgent, address }: SessionOrigin,
  { now, ids, secrets }: MemberContext,
): Promise<{ sessionId: string; token: string }> {
  const at = now();
  const live = await tx.memberSessions.list(member.id, at);
  for (const { id } of live.slice(SESSIONS_MAX - 1)) await tx.memberSessions.revoke(member.id, id, at);
  const sessionId = ids();
  const token = secrets.newSigningKey();
  await tx.memberSessions.insert(
    {
      ...{ id: sessionId, memberId: member.id, createdAt: at, lastUsedAt: at },
      expiresAt: at + SESSION_IDLE_DAYS * DAY_MS,
      userAgent: userAgent.slice(0, USER_AGENT_MAX_CHARACTERS),
      ...{ address, revokedAt: null },
    },
    secrets.hash(token),
  );
  await tx.members.setSeen(member.id, at);
  return { sessionId, token };
}

export function needsUse({ lastUsedAt }: { lastUsedAt: number }, now: number): boolean {
  return now - lastUsedAt >= USED_INTERVAL_MS;
}

/** Records the use of a session, which extends it. */
export async function recordUse(
  tx: Queries,
  { id, memberId }: { id: string; memberId: string },
  now: number,
): Promise<void> {
  await tx.memberSessions.setUsed(id, now, now + SESSION_IDLE_DAYS * DAY_MS);
  await tx.members.setSeen(memberId, now);
}
