/** Converts actions of the broker to changes for a sender, and compares changes with chat.db. */
import { normalizeHandle } from '../../shared/phone-numbers.ts';
import type { ActItem } from '../../shared/protocol.ts';
import type { ChatDatabase } from '../chat-db/chat-database.ts';
import type { ChatRow } from '../chat-db/chat-row.ts';
import { chatName } from '../chat-db/chats.ts';
import { changeId } from '../chat-db/edit-history.ts';
import type { Journal } from '../journal/journal.ts';
import type { Change, MessageTarget } from '../senders/sender.ts';
import { allTargetsOf, type TargetReference, targetOf, textTargetOf } from './message-targets.ts';
import { isSameText } from './row-matching.ts';

interface Context {
  journal: Journal;
  chat: ChatDatabase;
}

/** Returns the changes that carry out the action, in order, or the reason why it cannot be carried out. */
export function changesOf(context: Context, item: ActItem): Change[] | { problem: string } {
  const value = item.value ?? '';
  switch (item.kind) {
    case 'react':
    case 'unreact':
    case 'edit':
    case 'unsend': {
      const targets = targetsOf(context.journal, item);
      const changes = targets.flatMap((of) => messageChange(context, item, of) ?? []);
      if (targets.length > 0 && changes.length === targets.length) return changes;
      return { problem: 'The message of the action is not in Messages on this Mac.' };
    }
    case 'rename_group':
    case 'add_participant':
    case 'remove_participant':
    case 'leave_group': {
      const group = groupOf(context.chat, item);
      if (group === undefined) return { problem: 'The group is not in Messages on this Mac.' };
      const chat = group.guid;
      if (item.kind === 'rename_group') return [{ kind: item.kind, chat, name: value }];
      if (item.kind === 'leave_group') return [{ kind: item.kind, chat }];
      return [{ kind: item.kind, chat, handle: value }];
    }
  }
}

/** Returns whether chat.db shows the result of the action. Reactions and leaving are matched by their rows instead. */
export function isCarriedOut(context: Context, item: ActItem): boolean {
  const value = item.value ?? '';
  const group = () => groupOf(context.chat, item);
  switch (item.kind) {
    case 'react':
    case 'unreact':
      return false;
    case 'edit':
      return editOf(context, item) !== undefined;
    case 'unsend': {
      const targets = targetsOf(context.journal, item);
      return targets.length > 0 && targets.every(({ guid }) => isUnsent(context, guid));
    }
    case 'rename_group':
      return group()?.name === value;
    case 'add_participant':
      return group()?.participants.includes(normalizeHandle(value)) === true;
    case 'remove_participant':
      return group()?.participants.includes(normalizeHandle(value)) === false;
    case 'leave_group':
      return false;
  }
}

/** Returns whether the row shows the action: the reaction that it adds or removes, or that the owner left the group. */
export function isRowOfAction({ journal }: Context, item: ActItem, row: ChatRow): boolean {
  const { reaction, groupChange, chat } = row;
  if (item.kind === 'leave_group') {
    const hasLeft = groupChange?.kind === 'left' && groupChange.value === undefined;
    return hasLeft && chat !== undefined && item.chat !== undefined && chatName(chat) === chatName(item.chat);
  }
  if (reaction === undefined || (item.kind !== 'react' && item.kind !== 'unreact')) return false;
  if (reaction.isRemoved !== (item.kind === 'unreact') || reaction.kind !== item.value) return false;
  return targetsOf(journal, item).some(({ guid, part }) => reaction.of === guid && reaction.part === part);
}

/** Returns the id under which the inbound reader would report the change, so that it is reported once. */
export function reportGuidOf(context: Context, item: ActItem): string | undefined {
  if (item.kind === 'edit') {
    const edit = editOf(context, item);
    return edit && changeId(edit.guid, 'edited', edit.at);
  }
  if (item.kind !== 'unsend') return undefined;
  const [target] = targetsOf(context.journal, item).slice(-1);
  const at = target && context.chat.historyOf(target.guid)?.retractedAt;
  return target === undefined || at === undefined ? undefined : changeId(target.guid, 'retracted', at);
}

/** Returns the newest version of the message if it has the text of the action. */
function editOf({ journal, chat }: Context, item: ActItem): { guid: string; at: number } | undefined {
  const [target] = targetsOf(journal, item);
  if (target === undefined) return undefined;
  const version = chat.historyOf(target.guid)?.edits.at(-1);
  if (version === undefined || !isSameText(version.text, item.value ?? '')) return undefined;
  return { guid: target.guid, at: version.at };
}

function isUnsent({ chat }: Context, guid: string): boolean {
  return chat.historyOf(guid)?.retractedAt !== undefined;
}

export function groupOf(
  chat: ChatDatabase,
  { chat: guid, participants = [] }: Pick<ActItem, 'chat' | 'participants'>,
) {
  return guid === undefined ? chat.chats.groupOf(participants) : chat.chats.group(guid);
}

function targetsOf(journal: Journal, { kind, guid, message, part = 0 }: ActItem): MessageTarget[] {
  const reference: TargetReference = { guid, message, part };
  if (kind === 'unsend') return allTargetsOf(journal, reference);
  const target = kind === 'edit' ? textTargetOf(journal, reference) : targetOf(journal, reference);
  return target === undefined ? [] : [target];
}

function messageChange({ chat: database }: Context, item: ActItem, of: MessageTarget): Change | undefined {
  const chat = database.find(of.guid)?.chat;
  if (chat === undefined) return undefined;
  const value = item.value ?? '';
  if (item.kind === 'edit') return { kind: 'edit', chat, of, text: value };
  if (item.kind === 'unsend') return { kind: 'unsend', chat, of };
  if (item.kind === 'react' || item.kind === 'unreact') return { kind: item.kind, chat, of, reaction: value };
  return undefined;
}
