/** Adds entries to the audit log of the dashboard. */
import type { IdSource } from '../../../shared/ids.ts';
import type { Member, MemberChange } from '../model/member.ts';
import type { Queries } from '../ports/store.ts';

/** An entry of the audit log. */
export interface AuditedChange {
  /** Such as `member.removed`. */
  action: string;
  /** Id of the changed resource, as serialized. */
  target?: string;
  detail?: Record<string, unknown>;
}

const DETAIL_MAX_CHARACTERS = 2_000;

export async function recordChange(
  tx: Queries,
  { id: memberId, accountId }: Pick<Member, 'id' | 'accountId'>,
  { action, target = null, detail = {} }: Omit<AuditedChange, 'target'> & { target?: string | null },
  { now, ids }: { now: () => number; ids: IdSource },
  environment: MemberChange['environment'] = null,
): Promise<void> {
  const isShort = JSON.stringify(detail).length <= DETAIL_MAX_CHARACTERS;
  await tx.memberChanges.insert({
    ...{ id: ids(), accountId, memberId, environment, action, target },
    ...{ detail: isShort ? detail : {}, at: now() },
  });
}
