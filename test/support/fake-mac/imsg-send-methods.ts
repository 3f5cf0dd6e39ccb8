/** Methods of the stand-in for `imsg rpc` that send messages or create chats. */
import { randomUUID } from 'node:crypto';
import { CHAT_KEYS, invalid, PART_KEYS, Parameters, REPLY_KEYS } from './imsg-parameters.ts';
import { type Act, deliveryError, type Method, noBridge, type World } from './imsg-world.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const SEND_KEYS = [
  ...CHAT_KEYS,
  ...REPLY_KEYS,
  ...[
    'to',
    'text',
    'file',
    'text_formatting',
    'textFormatting',
    'formatting',
    'service',
    'transport',
    'region',
  ],
  ...['allow_sms_fallback', 'allowSMSFallback', 'attempt_id'],
];

async function send(isTracked: boolean, params: Record<string, unknown>, world: World, act: Act) {
  const method = isTracked ? 'send.tracked' : 'send';
  const parameters = new Parameters(params, method, SEND_KEYS);
  const text = parameters.string('text') ?? '';
  const file = parameters.string('file') ?? '';
  const attempt = parameters.string('attempt_id')?.toLowerCase();
  if (isTracked && !UUID.test(attempt ?? '')) throw invalid('attempt_id must be a UUID');
  if (!isTracked && attempt !== undefined) throw invalid('attempt_id is only supported by send.tracked');
  const service = parameters.string('service') ?? 'auto';
  if (!['imessage', 'sms', 'auto'].includes(service)) throw invalid('invalid service');
  parameters.boolean(['allow_sms_fallback', 'allowSMSFallback']);
  const { to, chat } = parameters.target();
  if (text === '' && file === '') throw invalid('text or file is required');
  if (isTracked && file !== '') throw invalid('send.tracked supports exactly one text message');
  if (isTracked) {
    world.needDatabase();
    if (world.hasMessage(attempt ?? '')) {
      const detail = 'attempt_id already identifies a message; choose a new UUID';
      throw deliveryError('not_started', detail, 'bridge_v2');
    }
  }
  const found = chat ?? directChat(world, to ?? '', service);
  const transport = parameters.string('transport')?.toLowerCase() ?? 'auto';
  if (!['auto', 'bridge', 'applescript'].includes(transport)) throw invalid('invalid transport');
  const { bridge } = world.settings();
  // imsg sees the lock file of the bridge and waits for its response.
  if (found !== undefined && bridge === 'not answering' && transport !== 'applescript') {
    return await new Promise<never>(() => {});
  }
  const viaBridge = found !== undefined && bridge === 'ready' && transport !== 'applescript';
  if (isTracked && found === undefined) throw invalid('bridge transport requires an existing chat target');
  if (isTracked && !viaBridge) throw noBridge(method);

  await act(method, to ?? chat ?? '');
  const guid = attempt ?? world.newGuid();
  const chatGuid = found ?? `${service === 'sms' ? 'SMS' : 'any'};-;${to}`;
  world.write({ guid, chat: chatGuid, text, ...(file === '' ? {} : { file }) });
  const ids = { guid, message_id: guid, chat_guid: chatGuid };
  if (isTracked) return { ok: true, transport: 'bridge', ...ids, attempt_id: attempt };
  if (viaBridge) return { ok: true, transport: 'bridge', ...ids };
  // Without the database, imsg does not see the row.
  return world.settings().hasDatabase
    ? { ok: true, transport: 'applescript', id: 7, ...ids }
    : { ok: true, transport: 'applescript' };
}

function directChat(world: World, to: string, service: string): string | undefined {
  const prefixes = service === 'sms' ? ['SMS'] : ['iMessage', 'any'];
  return prefixes.map((prefix) => world.findChat(`${prefix};-;${to}`)).find((guid) => guid !== undefined);
}

/** Resolves the chat of a method that needs the bridge. */
function bridgeChat(parameters: Parameters, world: World, method: string): { target: string; chat: string } {
  const target = parameters.chat();
  const chat = world.findChat(target);
  if (world.settings().bridge !== 'ready') throw noBridge(method);
  if (chat === undefined) throw deliveryError('not_started', 'Chat not found.', 'bridge_v2');
  return { target, chat };
}

function replyOf(parameters: Parameters): Record<string, string> {
  const guid = parameters.string(REPLY_KEYS);
  return guid === undefined ? {} : { thread_originator_guid: guid };
}

export const sendMethods: Record<string, Method> = {
  send: { lane: 'mutation', run: (params, world, act) => send(false, params, world, act) },
  'send.tracked': {
    lane: 'mutation',
    needsDatabase: true,
    selectors: ['clientMessageGuidReservation'],
    run: (params, world, act) => send(true, params, world, act),
  },
  'send.rich': {
    lane: 'mutation',
    selectors: ['sendMessage'],
    async run(params, world, act) {
      const keys = ['text', 'message', 'file', 'path', 'url', 'dd_scan', 'ddScan', 'effect_id', 'effectId'];
      const parameters = new Parameters(params, 'send.rich', [
        ...CHAT_KEYS,
        ...REPLY_KEYS,
        ...PART_KEYS,
        ...keys,
        ...['effect', 'subject', 'text_formatting', 'textFormatting'],
      ]);
      const text = parameters.string(['text', 'message']) ?? '';
      const file = parameters.string(['file', 'path']);
      if (file === '') throw invalid('file must be a non-empty string');
      parameters.integer(PART_KEYS);
      parameters.boolean(['dd_scan', 'ddScan']);
      parameters.string(['effect_id', 'effectId', 'effect']);
      parameters.string('subject');
      const columns = replyOf(parameters);
      const { target, chat } = bridgeChat(parameters, world, 'send.rich');
      if (file !== undefined) world.needDatabase();
      await act('send.rich', target);
      const guid = world.newGuid();
      world.write({ guid, chat, text, ...(file === undefined ? {} : { file }), columns });
      return { ok: true, guid, message_id: guid, chat_guid: chat };
    },
  },
  'send.attachment': {
    lane: 'mutation',
    selectors: ['sendAttachment'],
    async run(params, world, act) {
      const parameters = new Parameters(params, 'send.attachment', [
        ...CHAT_KEYS,
        ...REPLY_KEYS,
        ...PART_KEYS,
        ...['file', 'path', 'audio', 'is_audio', 'as_voice'],
      ]);
      const file = parameters.required(['file', 'path']);
      const audio = parameters.boolean(['audio', 'is_audio', 'as_voice']) ?? false;
      const columns = replyOf(parameters);
      const part = parameters.integer(PART_KEYS);
      if (part !== undefined && part < 0) throw invalid('part_index must be a non-negative integer');
      if (part !== undefined && columns.thread_originator_guid === undefined) {
        throw invalid('part_index requires reply_to');
      }
      const { target, chat } = bridgeChat(parameters, world, 'send.attachment');
      if (audio && !/\.(caf|m4a|mp3|aiff|wav)$/i.test(file)) throw invalid('audio could not be prepared');
      await act('send.attachment', target);
      const guid = world.newGuid();
      world.write({ guid, chat, text: '', file, columns });
      return { ok: true, guid, message_id: guid, chat_guid: chat };
    },
  },
  'chats.create': {
    lane: 'mutation',
    selectors: ['createChat'],
    async run(params, world, act) {
      const parameters = new Parameters(params, 'chats.create', ['addresses', 'service', 'name', 'text']);
      const addresses = (parameters.strings('addresses') ?? []).filter((one) => one.trim() !== '');
      const [first] = addresses;
      if (first === undefined) throw invalid('addresses is required (non-empty array of phone/email)');
      const service = parameters.string('service') ?? 'iMessage';
      if (service.toLowerCase() !== 'imessage') throw invalid('service must be iMessage');
      const name = parameters.string('name');
      const text = parameters.string('text') ?? '';
      if (world.settings().bridge !== 'ready') throw noBridge('chats.create');
      if (addresses.some((one) => (world.settings().handles[one] ?? 1) !== 1)) {
        throw deliveryError('not_started', 'A recipient is not reachable by iMessage.', 'bridge_v2');
      }
      await act('chats.create', first);
      const isGroup = addresses.length > 1;
      const chat = isGroup ? `iMessage;+;chat${randomUUID().slice(0, 8)}` : `iMessage;-;${first}`;
      const guid = world.newGuid();
      const created = { chat, participants: addresses, name };
      if (text === '') world.addChat(created);
      else world.write({ guid, text, ...created });
      return {
        ok: true,
        chat_guid: chat,
        ...(text === '' ? {} : { message_guid: guid }),
        service: 'iMessage',
      };
    },
  },
};
