/** Derives the capabilities of a BlueBubbles server, and the steps to more of them, from its `server/info`. */
import { z } from 'zod';
import type { Capability } from '../../shared/capabilities.ts';
import type { ServerRequest, ServerResponse } from './bluebubbles-client.ts';
import { asRejection, outcomeOf, type Rejection, rejected } from './bluebubbles-outcomes.ts';
import type { SenderGap, SenderState } from './sender.ts';

export const INFO_REQUEST: ServerRequest = { method: 'GET', path: ['server', 'info'] };

export interface ServerInfo {
  version: string;
  /** Major version of macOS; 0 if it is not known. */
  macos: number;
  privateApi: 'ready' | 'off' | 'no helper';
}

const infoSchema = z.object({
  os_version: z.string().max(100),
  server_version: z.string().max(100),
  private_api: z.boolean(),
  helper_connected: z.boolean(),
});

/** All need the Private API. The server has no emoji in `MessageInterface.possibleReactions`. */
const PRIVATE_API_CAPABILITIES: readonly Capability[] = [
  'group_management',
  'reactions',
  'replies',
  'effects',
  'voice_notes',
  'subject',
  'typing',
  'read_receipts',
  'lookup',
];
const EDIT_CAPABILITIES: readonly Capability[] = ['edit', 'unsend'];
/** macOS 13 is the first version of Messages with edits. */
const EDIT_MACOS = 13;
/**
 * The AppleScript method finds no chats since macOS 26: their guids start with `any`, which it takes for the name of a
 * service (error -1700, bluebubbles-server issue 777).
 */
const ANY_SERVICE_MACOS = 26;
/** `DELETE chat/…/typing` starts the indicator again up to this version (bluebubbles-server pull request 768). */
const LAST_VERSION_WITHOUT_STOP = '1.9.9';

const PRIVATE_API_STEPS =
  'It requires System Integrity Protection to be off: docs.bluebubbles.app/private-api/installation.';

/** The server returned no information. */
export interface Unavailable {
  rejection: Rejection;
  fix: string;
}

export function isAvailable(info: ServerInfo | Unavailable): info is ServerInfo {
  return !('rejection' in info);
}

/** Reads the response to `INFO_REQUEST`. */
export function readInfo(response: ServerResponse, origin: string): ServerInfo | Unavailable {
  const outcome = asRejection(outcomeOf(response, origin));
  if (outcome.kind !== 'accepted') return { rejection: outcome, fix: fixOf(response) };
  const { success, data } = infoSchema.safeParse(response.kind === 'response' ? response.data : undefined);
  if (!success) {
    return {
      rejection: rejected(`BlueBubbles at ${origin} returned information in an unknown format.`),
      fix: 'Update the BlueBubbles server to 1.9.9 or later.',
    };
  }
  const { private_api: isEnabled, helper_connected: isConnected } = data;
  return {
    version: data.server_version,
    macos: Number.parseInt(data.os_version, 10) || 0,
    privateApi: !isEnabled ? 'off' : isConnected ? 'ready' : 'no helper',
  };
}

export function stateOf(info: ServerInfo | Unavailable): SenderState {
  if (!isAvailable(info)) {
    return {
      isReady: false,
      version: undefined,
      capabilities: [],
      canCreateGroups: false,
      gaps: [{ problem: info.rejection.problem, fix: info.fix }],
    };
  }
  const isPrivate = info.privateApi === 'ready';
  return {
    // A text by AppleScript on macOS 26 reaches persons, but only chat.db confirms it. Another sender does better.
    isReady: findsChats(info),
    version: info.version,
    capabilities: [
      ...(findsChats(info) ? (['groups'] as const) : []),
      ...(isPrivate ? PRIVATE_API_CAPABILITIES : []),
      ...(isPrivate && info.macos >= EDIT_MACOS ? EDIT_CAPABILITIES : []),
    ],
    canCreateGroups: isPrivate,
    gaps: gapsOf(info),
  };
}

/** False: only persons can be addressed, by their handles. */
export function findsChats({ macos, privateApi }: ServerInfo): boolean {
  return privateApi === 'ready' || macos < ANY_SERVICE_MACOS;
}

/** Direct chats have the prefix `any` instead of the name of a service. */
export function hasAnyChats({ macos }: ServerInfo): boolean {
  return macos >= ANY_SERVICE_MACOS;
}

export function canStopTyping({ version }: ServerInfo): boolean {
  const [number = ''] = /^[\d.]+/.exec(version) ?? [];
  return number.localeCompare(LAST_VERSION_WITHOUT_STOP, 'en', { numeric: true }) > 0;
}

function gapsOf(info: ServerInfo): SenderGap[] {
  const gaps: SenderGap[] = [];
  if (info.privateApi === 'off') {
    gaps.push({
      problem:
        'The Private API of BlueBubbles is off: no new groups, reactions, replies, effects, edits or typing indicators.',
      fix: `Enable the Private API in the settings of BlueBubbles. ${PRIVATE_API_STEPS}`,
    });
  }
  if (info.privateApi === 'no helper') {
    gaps.push({
      problem: 'The Private API of BlueBubbles is on, but its helper is not connected to Messages.',
      fix: `Open Messages, and restart BlueBubbles. ${PRIVATE_API_STEPS}`,
    });
  }
  if (!findsChats(info)) {
    gaps.push({
      problem:
        'Without its Private API, BlueBubbles cannot send to groups on macOS 26, and sends to persons slowly.',
      fix: 'Enable the Private API, or use --sender auto.',
    });
  }
  if (info.privateApi === 'ready' && info.macos < EDIT_MACOS) {
    gaps.push({
      problem: 'BlueBubbles cannot edit or unsend messages on this version of macOS.',
      fix: `Update this Mac to macOS ${EDIT_MACOS} or later.`,
    });
  }
  if (info.privateApi === 'ready' && hasAnyChats(info)) {
    // bluebubbles-helper pull requests 48 and 59.
    gaps.push({
      problem: 'On macOS 26, edits and replies through the helper of BlueBubbles 1.9.9 may have no effect.',
      fix: 'Install a helper that supports macOS 26, or use imsg for edits and replies.',
    });
  }
  return gaps;
}

function fixOf(response: ServerResponse): string {
  if (response.kind === 'broken') {
    return 'Start the BlueBubbles server, and check the value of --bluebubbles-url.';
  }
  if (response.status === 401 || response.status === 403) {
    return 'Copy the password from the settings of BlueBubbles to HOMING_RELAY_BLUEBUBBLES_PASSWORD.';
  }
  return response.kind === 'foreign'
    ? 'Set --bluebubbles-url to the address of the BlueBubbles server, including a path prefix of its proxy.'
    : 'Read the logs of the BlueBubbles server.';
}
