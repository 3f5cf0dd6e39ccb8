/** Serializes members. */
import { formatId } from '../../../shared/ids.ts';
import type { Member } from '../../core/model/member.ts';
import type { MemberBody } from './access/session-schemas.ts';

export function serializeMember({ id, email, name, role, createdAt, lastSeenAt }: Member): MemberBody {
  return { id: formatId('mem', id), email, name, role, createdAt, lastSeenAt };
}
