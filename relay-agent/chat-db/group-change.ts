/** Reads the change of a group from a row of chat.db: its name, or a member that joined or left. */

export interface ChatGroupChange {
  kind: 'renamed' | 'joined' | 'left';
  /** The new name, or the handle of the member. Undefined: the own number left. */
  value: string | undefined;
}

export interface GroupChangeColumns {
  is_from_me: number;
  item_type: number | null;
  group_action_type: number | null;
  group_title: string | null;
  handle_id: number | null;
  /** Row id of the handle that joined or left. */
  other_handle: number | null;
  /** The handle that made the change, and the one that joined or left. */
  handle: string | null;
  otherHandle: string | null;
}

const MEMBER_CHANGED = 1;
const NAME_CHANGED = 2;
/** A member left, or an attribute of the group changed that has no name here, such as its picture. */
const LEFT_OR_OTHER = 3;

/** Returns undefined for other rows, and for a change of a picture, a background or the number of a member. */
export function groupChangeOf(row: GroupChangeColumns): ChatGroupChange | undefined {
  const action = row.group_action_type ?? 0;
  switch (row.item_type) {
    case MEMBER_CHANGED: {
      // After a change of its number, a member adds itself.
      if (row.otherHandle === null || row.other_handle === row.handle_id || action > 1) return undefined;
      return { kind: action === 0 ? 'joined' : 'left', value: row.otherHandle };
    }
    case NAME_CHANGED:
      return { kind: 'renamed', value: row.group_title ?? '' };
    case LEFT_OR_OTHER: {
      if (action !== 0 || (row.handle === null && row.is_from_me !== 1)) return undefined;
      return { kind: 'left', value: row.is_from_me === 1 ? undefined : (row.handle ?? undefined) };
    }
    default:
      return undefined;
  }
}
