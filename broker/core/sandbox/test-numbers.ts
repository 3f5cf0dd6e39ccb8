/**
 * The sandbox's table of recipients: what each number makes the built-in device do. It is read when a message
 * is accepted (some wait) and by the device that plays it. Every number not listed is delivered.
 */
import type { FailureCode } from '../../../shared/failures.ts';

export interface SandboxScript {
  /** Stays queued this long, as if the device were offline. */
  deferMs?: number;
  /** Handed out and never reported. */
  isSilent?: boolean;
  fails?: FailureCode;
  service?: 'imessage' | 'sms';
  /** From sent to delivered; null: never delivered. */
  deliveredAfterMs?: number | null;
  isRead?: boolean;
  /** Answers with `echo: <content>` after this long. */
  echoAfterMs?: number;
}

export interface TestNumbers {
  defaultSender: string;
  isPaused(sender: string): boolean;
  isUnregistered(sender: string): boolean;
  scriptFor(recipient: string): SandboxScript;
  /** Whether it is in the table, and stands for somebody who can be written to. */
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
};

const DELIVERED: SandboxScript = {};

export const TEST_NUMBERS: TestNumbers = {
  defaultSender: '+15005550006',
  isPaused: (sender) => sender === '+15005550031',
  isUnregistered: (sender) => sender === '+15005550032',
  scriptFor: (recipient) => SCRIPTS[recipient] ?? DELIVERED,
  isListed: (recipient) => Object.hasOwn(SCRIPTS, recipient),
  deferUntil: (recipient, now) => {
    const held = SCRIPTS[recipient]?.deferMs;
    return held === undefined ? null : now + held;
  },
};
