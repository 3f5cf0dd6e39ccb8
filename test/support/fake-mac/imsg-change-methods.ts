/** Methods of the stand-in for `imsg rpc` that change messages and groups. All need the bridge. */
import { randomUUID } from 'node:crypto';
import type Database from 'better-sqlite3';
import { CHAT_KEYS, invalid, MESSAGE_KEYS, PART_KEYS, Parameters } from './imsg-parameters.ts';
import { changeChatDb } from './imsg-rows.ts';
import { deliveryError, type Method, noBridge, type World } from './imsg-world.ts';
import {
  addMember,
  editMessage,
  leaveGroup,
  removeMember,
  renameGroup,
  unsendMessage,
} from './messages-app.ts';

const TAPBACKS = ['love', 'like', 'dislike', 'laugh', 'emphasize', 'question'];
const EMOJI = 6;

interface Parsed {
  result?: object;
  commit?(): void;
}

function change(
  selectors: readonly string[],
  method: string,
  keys: readonly string[],
  parse: (parameters: Parameters, chat: string, world: World) => Parsed,
): Record<string, Method> {
  return {
    [method]: {
      lane: 'mutation',
      selectors,
      async run(params, world, act) {
        const parameters = new Parameters(params, method, [...CHAT_KEYS, ...keys]);
        const chat = parameters.chat();
        const { result, commit } = parse(parameters, chat, world);
        if (world.settings().bridge !== 'ready') throw noBridge(method);
        await act(method, chat);
        commit?.();
        return { ok: true, ...result };
      },
    },
  };
}

function messageOf(parameters: Parameters) {
  const guid = parameters.string(MESSAGE_KEYS)?.trim();
  if (guid === undefined || guid === '') throw invalid('message_id or message_guid is required');
  return { guid, part: parameters.integer(PART_KEYS) ?? 0 };
}

function tapback(parameters: Parameters, chat: string, world: World): Parsed {
  const { guid, part } = messageOf(parameters);
  const isRemoved = parameters.boolean('remove') ?? false;
  const emoji = parameters.string('emoji') ?? '';
  const reaction = parameters.string(['reaction', 'kind'])?.toLowerCase() ?? '';
  const type = emoji === '' ? TAPBACKS.indexOf(reaction) : EMOJI;
  if (type < 0) throw invalid(`unsupported tapback reaction ${reaction}`);
  if (type === EMOJI && world.settings().emojiVersion < 2) {
    throw deliveryError('not_started', 'The running bridge sends no custom emoji.', 'bridge_v2');
  }
  const columns = {
    associated_message_type: (isRemoved ? 3000 : 2000) + type,
    associated_message_guid: `p:${part}/${guid}`,
    ...(emoji === '' ? {} : { associated_message_emoji: emoji }),
  };
  return {
    result: emoji === '' ? { reaction: isRemoved ? `remove-${reaction}` : reaction } : { emoji },
    commit: () => world.write({ guid: randomUUID().toUpperCase(), chat, text: 'Reaction', columns }),
  };
}

/** Changes chat.db, if the stand-in has one. */
function commit(world: World, change: (database: Database.Database) => void): Parsed {
  return { commit: () => world.inChatDb((file) => changeChatDb(file, change)) };
}

function memberChange(change: (database: Database.Database, chat: string, handle: string) => void) {
  return (parameters: Parameters, chat: string, world: World): Parsed => {
    const address = parameters.required('address');
    return commit(world, (database) => change(database, chat, address));
  };
}

export const changeMethods: Record<string, Method> = {
  ...change(
    ['sendReaction'],
    'tapback',
    [...MESSAGE_KEYS, ...PART_KEYS, 'reaction', 'kind', 'emoji', 'remove'],
    tapback,
  ),
  ...change(
    ['editMessageItemTranslation', 'editMessageItem', 'editMessage'],
    'message.edit',
    [...MESSAGE_KEYS, ...PART_KEYS, 'text', 'new_text', 'backwards_compatibility_message'],
    (parameters, _, world) => {
      const { guid } = messageOf(parameters);
      const text = parameters.required(['text', 'new_text']);
      return commit(world, (database) => editMessage(database, guid, text));
    },
  ),
  ...change(
    ['retractMessagePart'],
    'message.unsend',
    [...MESSAGE_KEYS, ...PART_KEYS],
    (parameters, _, world) => {
      const { guid } = messageOf(parameters);
      return commit(world, (database) => unsendMessage(database, guid));
    },
  ),
  ...change(['setDisplayName'], 'group.rename', ['name'], (parameters, chat, world) => {
    const name = parameters.string('name');
    if (name === undefined) throw invalid('name is required');
    return commit(world, (database) => renameGroup(database, chat, name));
  }),
  ...change(['addParticipant'], 'group.addParticipant', ['address'], memberChange(addMember)),
  ...change(['removeParticipant'], 'group.removeParticipant', ['address'], memberChange(removeMember)),
  ...change(['leaveChat'], 'group.leave', [], (_, chat, world) =>
    commit(world, (database) => leaveGroup(database, chat)),
  ),
};
