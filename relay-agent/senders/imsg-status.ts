/**
 * Reads the status of imsg: the usable methods of this moment, the state of its bridge and of chat.db. The bridge is
 * the part of imsg inside Messages; it needs System Integrity Protection turned off.
 */
import { z } from 'zod';
import { CAPABILITIES, type Capability } from '../../shared/capabilities.ts';
import { shorten } from './imsg-errors.ts';
import type { SenderGap, SenderState } from './sender.ts';

export interface ImsgStatus {
  /** Undefined: the version has no `initialize`. */
  version: string | undefined;
  methods: ReadonlySet<string>;
  isBridgeReady: boolean;
  /** Selectors of Messages that the bridge misses. */
  missing: ReadonlySet<string>;
  /** Sends any emoji as a reaction; an older bridge sends another reaction instead. */
  hasEmojiReactions: boolean;
  gaps: readonly SenderGap[];
}

const snapshot = z.object({
  version: z.string().max(100),
  methods: z.array(z.string().max(100)).max(1_000),
  database: z.object({ ready: z.boolean(), error: z.string().optional() }),
  bridge: z.object({
    ready: z.boolean(),
    error: z.string().optional(),
    selectors: z.record(z.string(), z.boolean()).optional(),
  }),
  capabilities: z.object({ features: z.record(z.string(), z.number()) }).optional(),
});

const EMOJI_VERSION = 2;

/** Methods that a capability needs. */
const METHODS: Record<Capability, readonly string[]> = {
  groups: ['send'],
  group_management: ['group.rename', 'group.addParticipant', 'group.removeParticipant', 'group.leave'],
  reactions: ['tapback'],
  emoji_reactions: ['tapback'],
  replies: ['send.rich', 'send.attachment'],
  edit: ['message.edit'],
  unsend: ['message.unsend'],
  effects: ['send.rich'],
  voice_notes: ['send.attachment'],
  subject: ['send.rich'],
  typing: ['typing'],
  read_receipts: ['read'],
  lookup: ['handles.check'],
};

/** Status of a version before 0.14. Its bridge accepts unknown parameters, so the sender does not use the bridge. */
export const BEFORE_PROTOCOL: ImsgStatus = {
  version: undefined,
  methods: new Set(['send']),
  isBridgeReady: false,
  missing: new Set(),
  hasEmojiReactions: false,
  gaps: [
    {
      problem: 'This imsg is older than 0.14. It sends texts and files to contacts and existing groups only.',
      fix: 'Update it with: brew upgrade imsg. Then restart the relay agent.',
    },
  ],
};

/** Returns undefined if the result of `initialize` has an unknown form. */
export function parseStatus(result: unknown): ImsgStatus | undefined {
  const { data } = snapshot.safeParse(result);
  if (data === undefined) return undefined;
  const { version, database, bridge, capabilities } = data;
  const selectors = Object.entries(bridge.selectors ?? {});
  const status = {
    version,
    methods: new Set(data.methods),
    isBridgeReady: bridge.ready,
    missing: new Set(selectors.filter(([, isThere]) => !isThere).map(([name]) => name)),
    hasEmojiReactions: (capabilities?.features['tapback.emoji'] ?? 0) >= EMOJI_VERSION,
  };
  const gaps = [...databaseGaps(database), ...bridgeGaps(status, bridge.error)];
  return { ...status, gaps };
}

export function stateOf(status: ImsgStatus): SenderState {
  return {
    isReady: status.methods.has('send'),
    version: status.version,
    capabilities: CAPABILITIES.filter((capability) => hasCapability(status, capability)),
    canCreateGroups: status.methods.has('chats.create'),
    gaps: status.gaps,
  };
}

type Abilities = Omit<ImsgStatus, 'gaps'>;

export function hasCapability(status: Abilities, capability: Capability): boolean {
  if (!METHODS[capability].every((method) => status.methods.has(method))) return false;
  switch (capability) {
    case 'emoji_reactions':
      return status.hasEmojiReactions;
    // imsg lists both without its bridge, and starts Messages for them.
    case 'typing':
      return status.isBridgeReady && !status.missing.has('typing');
    case 'read_receipts':
      return status.isBridgeReady && !status.missing.has('read');
    default:
      return true;
  }
}

function databaseGaps({ ready, error }: { ready: boolean; error?: string | undefined }): SenderGap[] {
  if (ready) return [];
  return [
    {
      problem: shorten(`imsg cannot read chat.db${error === undefined ? '.' : `: ${error}`}`),
      fix: 'Allow Full Disk Access for the relay agent in System Settings > Privacy & Security, then restart it.',
    },
  ];
}

function bridgeGaps(status: Abilities, error: string | undefined): SenderGap[] {
  if (!status.isBridgeReady) {
    return [
      {
        problem: shorten(`The bridge of imsg is not ready${error === undefined ? '.' : `: ${error}`}`),
        fix: 'Run: imsg launch. It needs System Integrity Protection turned off (csrutil disable in macOS Recovery).',
      },
    ];
  }
  const missing: string[] = CAPABILITIES.filter((capability) => !hasCapability(status, capability));
  if (!status.methods.has('chats.create')) missing.push('new groups');
  if (missing.length === 0) return [];
  return [
    {
      problem: `The bridge of imsg on this macOS does not support: ${missing.join(', ')}.`,
      fix: 'Update imsg with: brew upgrade imsg. Then run: imsg launch, and restart the relay agent.',
    },
  ];
}
