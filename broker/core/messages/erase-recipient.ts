/**
 * Erases everything about one recipient: the contact, the messages with their attachments, search entries and
 * conversations, the events with their deliveries, reactions and tool calls. The opt-out stays, so that it is still
 * respected.
 *
 * - Messages that are queued or on a device end first: they are cancelled, or fail as `unconfirmed`.
 * - The phases run in order, in small steps. Messages that are accepted or received after the start are not erased.
 */
import type { ProjectionContext } from '../inbox/projections.ts';
import { startTask, TASK_STEP } from '../lifecycle/background-tasks.ts';
import { recordTransition } from '../lifecycle/record-transition.ts';
import { conversationId, conversationOf } from '../model/conversation.ts';
import type { Message } from '../model/message.ts';
import { type Trigger, transition } from '../model/message-transition.ts';
import type { Task } from '../model/task.ts';
import { ERASED_TABLES, type ErasedTable, type Recipient } from '../ports/erasure.ts';
import type { Queries } from '../ports/store.ts';
import { deleteMessages } from './retention.ts';

type Phase = 'queue' | 'messages' | ErasedTable;
const PHASES: readonly Phase[] = ['queue', 'messages', ...ERASED_TABLES];

/** The position of the task. */
interface Progress {
  phase: Phase;
  after: string;
  /** Number of deleted messages. */
  erased: number;
}

export interface Erasure {
  handle: string;
  /** Number of messages that were erased so far. */
  erased: number;
}

const KIND = 'erase_recipient';

/** Returns false if the first step erased everything. */
export async function eraseRecipient(
  tx: Queries,
  { tenantId, handle }: Recipient,
  context: ProjectionContext,
): Promise<boolean> {
  const contact = await tx.contacts.findByHandle(tenantId, handle);
  if (contact !== undefined) await tx.contacts.remove(tenantId, contact.id);
  const task = { kind: KIND, subject: `${tenantId} ${handle}`, beforeId: context.ids() } as const;
  await startTask(tx, task, (tx, started) => erasureOfRecipient(tx, started, context), context);
  return (await tx.tasks.find(task)) !== undefined;
}

/** Returns the erasures of the tenant that are not complete. */
export async function runningErasures(read: Queries, tenantId: number): Promise<Erasure[]> {
  const tasks = await read.tasks.ofKind(KIND, `${tenantId} `, TASK_STEP);
  return tasks.map((task) => ({ handle: recipientOf(task).handle, erased: progressOf(task).erased }));
}

/** Small phases share a step, so that the erasure of a recipient with few messages ends at once. */
export async function erasureOfRecipient(
  tx: Queries,
  task: Task,
  context: ProjectionContext,
): Promise<string | undefined> {
  let progress = progressOf(task);
  for (;;) {
    const before = progress.phase;
    const next = await runPhase(tx, task, progress, context);
    if (next === undefined) return undefined;
    progress = next;
    if (progress.phase === before) return JSON.stringify(progress);
  }
}

async function runPhase(
  tx: Queries,
  task: Task,
  { phase, after, erased }: Progress,
  context: ProjectionContext,
): Promise<Progress | undefined> {
  const recipient = recipientOf(task);
  switch (phase) {
    case 'queue': {
      const part = { ...recipient, beforeId: task.beforeId };
      const { messages, next } = await tx.messages.queuedTo(part, after, TASK_STEP);
      await endAll(tx, messages, { kind: 'cancel' }, context);
      if (next !== undefined) return { phase, after: next, erased };
      const leased = await tx.messages.leasedFor(recipient.tenantId, recipient.handle);
      await endAll(tx, leased, { kind: 'expire_lease' }, context);
      return { phase: 'messages', after: '', erased };
    }
    case 'messages': {
      const messages = await tx.erasure.messagesWith(recipient, { after, limit: TASK_STEP });
      const finished = messages.filter(({ id, status }) => status !== 'polling' && id < task.beforeId);
      await eraseMessages(tx, recipient, finished, context);
      const last = messages.length < TASK_STEP ? undefined : messages.at(-1)?.id;
      return inPhase(phase, last, erased + finished.length);
    }
    default:
      return inPhase(
        phase,
        await tx.erasure.eraseFrom(phase, recipient, { after, limit: TASK_STEP }),
        erased,
      );
  }
}

/** Returns the next phase at the end of one; undefined after the last. */
function inPhase(phase: Phase, last: string | undefined, erased: number): Progress | undefined {
  if (last !== undefined) return { phase, after: last, erased };
  const next = PHASES[PHASES.indexOf(phase) + 1];
  return next && { phase: next, after: '', erased };
}

async function endAll(
  tx: Queries,
  messages: readonly Message[],
  trigger: Trigger,
  context: ProjectionContext,
): Promise<void> {
  for (const message of messages) {
    const change = transition(message, trigger, context.now);
    if (change !== undefined) await recordTransition(tx, change, context);
  }
}

async function eraseMessages(
  tx: Queries,
  { handle }: Recipient,
  messages: readonly Message[],
  context: ProjectionContext,
): Promise<void> {
  await deleteMessages(tx, messages, context);
  const groups = messages.filter(({ chat }) => chat !== null);
  for (const id of new Set(groups.map((message) => conversationId(conversationOf(message))))) {
    await tx.erasure.forgetParticipant(id, handle);
  }
}

function progressOf({ position }: Task): Progress {
  return position === '' ? { phase: 'queue', after: '', erased: 0 } : JSON.parse(position);
}

function recipientOf({ subject }: Task): Recipient {
  const space = subject.indexOf(' ');
  return { tenantId: Number(subject.slice(0, space)), handle: subject.slice(space + 1) };
}
