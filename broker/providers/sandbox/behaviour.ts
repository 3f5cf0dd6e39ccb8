/** Scripts what a test recipient does after a message was delivered: the items that its device would report, and when. */
import type { InboundItem } from '../../../shared/protocol.ts';
import type { GroupChat } from '../../core/model/group-chat.ts';
import type { Message } from '../../core/model/message.ts';
import type { SandboxBehaviour } from '../../core/sandbox/test-numbers.ts';

export interface ScriptedItem {
  afterMs: number;
  item: Omit<InboundItem, 'sent_at'>;
}

const STEP_MS = 1_000;

/** Guid of a message in the sandbox. */
export const sandboxGuid = ({ id }: Pick<Message, 'id'>) => `sandbox-${id}`;
/** Guid of a group that a message in the sandbox created. */
export const sandboxChat = (chat: string) =>
  chat.startsWith('homing;') ? `iMessage;+;sandbox-${chat.slice(chat.lastIndexOf(';') + 1)}` : chat;

/** `handle` is the recipient, or one of the participants of the group. */
export function scriptedItems(
  message: Message,
  group: GroupChat | undefined,
  handle: string,
  behaviour: SandboxBehaviour,
): ScriptedItem[] {
  const guid = `${sandboxGuid(message)}-${behaviour}-${handle}`;
  const base = {
    ...{
      guid,
      from: handle,
      to: message.ownNumber,
      service: 'iMessage',
      text: '',
      media: [],
      from_me: false,
    },
    ...(group === undefined
      ? {}
      : { chat: group.guid ?? sandboxChat(group.chat), participants: [...group.participants] }),
    ...(group?.name == null ? {} : { chat_name: group.name }),
  };
  const answer = { ...base, text: `answer to: ${message.content}` };
  const change = (kind: NonNullable<InboundItem['change']>['kind'], value?: string) => ({
    ...base,
    guid: `${guid}-${kind}`,
    change: { of: guid, kind, at: '', ...(value === undefined ? {} : { value }) },
  });
  switch (behaviour) {
    case 'react':
      return [
        {
          afterMs: STEP_MS,
          item: { ...base, reaction: { of: sandboxGuid(message), kind: 'love', removed: false, part: 0 } },
        },
      ];
    case 'reply':
      return [{ afterMs: STEP_MS, item: { ...answer, reply_to: sandboxGuid(message), reply_part: 0 } }];
    case 'edit':
      return [
        { afterMs: STEP_MS, item: answer },
        { afterMs: 2 * STEP_MS, item: { ...change('edited'), text: `edited ${answer.text}` } },
      ];
    case 'unsend':
      return [
        { afterMs: STEP_MS, item: answer },
        { afterMs: 2 * STEP_MS, item: change('retracted') },
      ];
    case 'type':
      return [
        { afterMs: STEP_MS / 2, item: { ...base, guid: `${guid}-start`, typing: 'start' } },
        { afterMs: STEP_MS, item: { ...base, guid: `${guid}-stop`, typing: 'stop' } },
        { afterMs: STEP_MS, item: answer },
      ];
    case 'leave':
    case 'rename': {
      if (base.chat === undefined) return [];
      const kind = behaviour === 'leave' ? ('left' as const) : ('renamed' as const);
      const value = behaviour === 'leave' ? handle : `Renamed by ${handle}`;
      const { participants: _, ...item } = change(kind, value);
      return [{ afterMs: STEP_MS, item: { ...item, change: { ...item.change, of: base.chat } } }];
    }
  }
}
