/** Methods of the stand-in for `imsg rpc`: lane, requirements, parameters and result, as in the handlers of imsg. */
import { changeMethods } from './imsg-change-methods.ts';
import { CHAT_KEYS, invalid, Parameters, RpcError } from './imsg-parameters.ts';
import { sendMethods } from './imsg-send-methods.ts';
import type { Method, World } from './imsg-world.ts';

const status: Method['run'] = async (_, world) => {
  const { version, bridge, hasDatabase, emojiVersion, missingSelectors } = world.settings();
  const isReady = bridge === 'ready';
  const selectors = Object.values(METHODS).flatMap((method) => method.selectors ?? []);
  const error =
    bridge === 'not started'
      ? 'The bridge is not started. Run imsg launch explicitly before using bridge methods.'
      : 'The existing bridge did not answer a non-launching status probe.';
  const supported = [...new Set([...selectors, 'typing', 'read'])];
  return {
    version,
    protocol_version: 1,
    database: {
      path: '/Users/me/Library/Messages/chat.db',
      ready: hasDatabase,
      ...(hasDatabase ? { features: { reactions: true } } : { error: 'Grant Full Disk Access, then retry.' }),
    },
    bridge: isReady
      ? {
          ready: true,
          bridge_version: 2,
          v2_ready: true,
          registry_available: true,
          selectors: Object.fromEntries(supported.map((name) => [name, !missingSelectors.includes(name)])),
        }
      : { ready: false, error },
    contacts: { available: true },
    methods: usableMethods(world),
    supported_methods: Object.keys(METHODS),
    capabilities: {
      engine: { version, commit: 'a1b2c3d', built_at: '2026-01-01T00:00:00Z' },
      features: isReady && emojiVersion > 0 ? { 'tapback.emoji': emojiVersion } : {},
    },
  };
};

function usableMethods(world: World): string[] {
  const { bridge, hasDatabase, missingSelectors } = world.settings();
  return Object.entries(METHODS)
    .filter(([, { needsDatabase, selectors }]) => {
      if (needsDatabase === true && !hasDatabase) return false;
      return (
        selectors === undefined ||
        (bridge === 'ready' && selectors.some((name) => !missingSelectors.includes(name)))
      );
    })
    .map(([name]) => name);
}

export const METHODS: Record<string, Method> = {
  initialize: {
    lane: 'control',
    async run(params, world, act) {
      const version = new Parameters(params, 'initialize', ['protocol_version']).integer('protocol_version');
      await act('initialize', '');
      if (version !== undefined && version !== 1) throw invalid(`unsupported protocol_version ${version}`);
      return await status(params, world, act);
    },
  },
  status: {
    lane: 'read',
    run(params, world, act) {
      new Parameters(params, 'status', []);
      return status(params, world, act);
    },
  },
  ...sendMethods,
  'message.send_status': {
    lane: 'read',
    needsDatabase: true,
    async run(params, world, act) {
      const guid = new Parameters(params, 'message.send_status', ['guid']).required('guid');
      world.needDatabase();
      await act('message.send_status', guid);
      const state = world.sendState(guid);
      const isSent = state === 'sent' || state === 'delivered';
      return {
        ok: true,
        guid,
        send_state: state ?? 'pending',
        service: state === undefined ? null : 'iMessage',
        checked_at: new Date().toISOString(),
        status_fields:
          state === undefined ? null : { is_sent: isSent, is_delivered: state === 'delivered', error: 0 },
      };
    },
  },
  'handles.check': {
    lane: 'read',
    selectors: ['checkIMessageAvailability'],
    async run(params, world, act) {
      const parameters = new Parameters(params, 'handles.check', ['address', 'alias_type', 'service']);
      const address = parameters.required('address');
      const type = parameters.string('alias_type') ?? (address.includes('@') ? 'email' : 'phone');
      if (!['phone', 'email'].includes(type)) throw invalid('alias_type must be phone or email');
      if ((parameters.string('service') ?? 'iMessage').toLowerCase() !== 'imessage') {
        throw invalid('handles.check only supports service iMessage');
      }
      if (world.settings().bridge !== 'ready') {
        const detail = 'The bridge is not started. Run imsg launch explicitly before using bridge methods.';
        throw new RpcError(-32003, 'Bridge unavailable', { detail, retryable: true });
      }
      await act('handles.check', address);
      const state = world.settings().handles[address] ?? 1;
      return {
        ok: true,
        address,
        alias_type: type,
        id_status: state,
        available: state === 1,
        service: 'iMessage',
      };
    },
  },
  typing: {
    lane: 'mutation',
    async run(params, _, act) {
      const parameters = new Parameters(params, 'typing', [...CHAT_KEYS, 'to', 'typing', 'service']);
      parameters.boolean('typing');
      const { to, chat } = parameters.target();
      await act('typing', to ?? chat ?? '');
      return { ok: true };
    },
  },
  read: {
    lane: 'mutation',
    async run(params, _, act) {
      const { to, chat } = new Parameters(params, 'read', [...CHAT_KEYS, 'to']).target();
      await act('read', to ?? chat ?? '');
      return { ok: true };
    },
  },
  ...changeMethods,
};
