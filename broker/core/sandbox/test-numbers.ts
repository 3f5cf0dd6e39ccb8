/**
 * Lists the test numbers of the sandbox and the behaviour that each one simulates. `accept-message` reads the deferral;
 * the sandbox device reads the rest. A message to any other number is delivered.
 */
import type { FailureCode } from '../../../shared/failures.ts';

export interface SandboxScript {
  /** Stays queued for this time, like with an offline device. */
  deferMs?: number;
  /** Dispatched and never reported. */
  isSilent?: boolean;
  fails?: FailureCode;
  service?: 'imessage' | 'sms';
  /** Delay between sent and delivered; null: never delivered. */
  deliveredAfterMs?: number | null;
  isRead?: boolean;
  /** Delay until the reply `echo: <content>`. */
  echoAfterMs?: number;
  /** What the recipient, or this participant of a group, does after the message was delivered. */
  behaviour?: SandboxBehaviour;
}

/**
 * `react`: reacts with a tapback. `reply`: replies to the message. `edit`: answers and edits the answer. `unsend`: answers
 * and unsends the answer. `type`: types, then answers. `leave`: leaves the group. `rename`: renames the group.
 */
export type SandboxBehaviour = 'react' | 'reply' | 'edit' | 'unsend' | 'type' | 'leave' | 'rename';

export interface TestNumbers {
  defaultSender: string;
  isPaused(sender: string): boolean;
  isUnregistered(sender: string): boolean;
  scriptFor(recipient: string): SandboxScript;
  /** Service that reaches a recipient. */
  serviceOf(recipient: string): 'imessage' | 'sms';
  /** True if the number is a test recipient. */
  isListed(recipient: string): boolean;
  deferUntil(recipient: string, now: number): number | null;
}

const SCRIPTS: Readonly<Record<string, SandboxScript>> = {
  '+15005550010': {},
  '+15005550011': { deliveredAfterMs: null },
  '+15005550012': { deliveredAfterMs: 5_000 },
  '+15005550013': { isSilent: true },
  '+15005550014': { echoAfterMs: 1_000 },
  '+15005550015': { isRead: true },
  '+15005550016': { service: 'sms' },
  '+15005550020': { fails: 'not_on_imessage' },
  '+15005550021': { fails: 'recipient_unreachable' },
  '+15005550022': { fails: 'device_error' },
  '+15005550023': { deferMs: 30_000 },
  '+15005550040': { behaviour: 'react' },
  '+15005550041': { behaviour: 'reply' },
  '+15005550042': { behaviour: 'edit' },
  '+15005550043': { behaviour: 'unsend' },
  '+15005550044': { behaviour: 'type', isRead: true },
  '+15005550045': { behaviour: 'leave' },
  '+15005550046': { behaviour: 'rename' },
};

const DELIVERED: SandboxScript = {};

export const TEST_NUMBERS: TestNumbers = {
  defaultSender: '+15005550006',
  isPaused: (sender) => sender === '+15005550031',
  isUnregistered: (sender) => sender === '+15005550032',
  scriptFor: (recipient) => SCRIPTS[recipient] ?? DELIVERED,
  serviceOf: (recipient) => {
    const { service, fails } = SCRIPTS[recipient] ?? DELIVERED;
    return fails === 'not_on_imessage' ? 'sms' : (service ?? 'imessage');
  },
  isListed: (recipient) => Object.hasOwn(SCRIPTS, recipient),
  deferUntil: (recipient, now) => {
    const deferMs = SCRIPTS[recipient]?.deferMs;
    return deferMs === undefined ? null : now + deferMs;
  },
};
