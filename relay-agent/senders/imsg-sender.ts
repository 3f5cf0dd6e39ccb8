/**
 * Sends through `imsg rpc` (github.com/openclaw/imsg), by version 1 of its protocol: one process, asked for its
 * capabilities, never for its version. Without its bridge, imsg sends texts and files to contacts and existing groups.
 *
 * - Sends, changes and signals run one after the other. An item that was not written to imsg was not sent.
 * - Reads (status, look-up, state of a send) run at once, also during a send.
 * - The process starts again after an error that only a new process can fix (see `needsNewProcess`).
 */
import { z } from 'zod';
import { accepted, deliver, storedState } from './imsg-delivery.ts';
import { isBusy, isWithoutResponse, needsNewProcess, outcomeOf, problemOf, rejected } from './imsg-errors.ts';
import {
  ImsgUnavailable,
  imsgProcess,
  notRespondingGap,
  READ_TIMEOUT_MS,
  type RunningImsg,
} from './imsg-process.ts';
import { imsgQueue } from './imsg-queue.ts';
import { changeRequest, signalRequest, unsupportedChange } from './imsg-requests.ts';
import { hasCapability, stateOf } from './imsg-status.ts';
import {
  type Change,
  needOfChange,
  type Sender,
  type SenderGap,
  type SenderState,
  type Sending,
  type SendOutcome,
  type Signal,
} from './sender.ts';

export interface ImsgOptions {
  program: string;
  /** Timeout for one message, in milliseconds. */
  timeoutMs?: number;
  /** Maximum wait of a message for the ones before it, in milliseconds. */
  queueMs?: number;
  /** Called with problems of imsg that affect no message. */
  onProblem?(problem: string): void;
}

/** On macOS 26, sends that stalled for two minutes and then succeeded were observed. */
const TIMEOUT_MS = 130_000;
/** A message without a row in chat.db after 180 s is reported as failed; it must not be sent later. */
const QUEUE_MS = 150_000;
/** A typing indicator is useless later. */
const SIGNAL_MS = 10_000;

/** 1: registered with iMessage, 2: not registered, 0: not known (states of Apple's IDS). */
const handleStatus = z.object({ available: z.boolean().optional(), id_status: z.number().optional() });
const NOT_REGISTERED = 2;

export function imsgSender(options: ImsgOptions): Sender {
  const { program, timeoutMs = TIMEOUT_MS, queueMs = QUEUE_MS, onProblem = () => {} } = options;
  const imsg = imsgProcess(program, onProblem);
  const queue = imsgQueue();
  let hasReportedSignal = false;

  /** Runs one send or change. `texts` are removed from problems. */
  const mutate = (
    work: (running: RunningImsg) => Promise<SendOutcome>,
    texts: readonly (string | undefined)[],
  ): Promise<SendOutcome> =>
    queue.run(
      async () => {
        let running: RunningImsg | undefined;
        try {
          running = await imsg.get();
          return await work(running);
        } catch (error) {
          if (error instanceof ImsgUnavailable) return unavailableOutcome(error);
          if (needsNewProcess(error)) running?.end();
          return outcomeOf(error, texts);
        }
      },
      queueMs,
      () => rejected(`imsg was busy with other messages for ${queueMs} ms.`),
    );

  /** Rejects with the error of imsg. Reads again if a failed send ended the process. */
  const read = async <T>(work: (running: RunningImsg) => Promise<T>): Promise<T> => {
    const running = await imsg.get();
    try {
      return await work(running);
    } catch (error) {
      if (!isWithoutResponse(error) || running.isAlive()) throw error;
      return await work(await imsg.get());
    }
  };

  const probe = async (): Promise<SenderState> => {
    let running: RunningImsg | undefined;
    try {
      return await read(async (one) => {
        running = one;
        await one.refresh();
        return stateOf(one.status);
      });
    } catch (error) {
      if (error instanceof ImsgUnavailable) return notReady(error.gap);
      // The last status stays valid while imsg has too much work to respond.
      if (running !== undefined && (isBusy(error) || queue.isBusy())) return stateOf(running.status);
      running?.end();
      return notReady(notRespondingGap(error));
    }
  };

  const send = (sending: Sending): Promise<SendOutcome> =>
    mutate((running) => deliver(running, sending, timeoutMs), textsOf(sending));

  const change = (one: Change): Promise<SendOutcome> =>
    mutate(
      async (running) => {
        const reason = unsupportedChange(one);
        if (reason !== undefined) return rejected(reason, 'unsupported');
        const need = needOfChange(one);
        if (!hasCapability(running.status, need)) {
          return rejected(`imsg does not support at the moment: ${need}.`, 'unsupported');
        }
        return accepted(await running.request(changeRequest(one), timeoutMs));
      },
      one.kind === 'edit' ? [one.text] : [],
    );

  const signal = (one: Signal): Promise<void> =>
    queue.run(
      async () => {
        let running: RunningImsg | undefined;
        try {
          running = await imsg.get();
          if (!hasCapability(running.status, one.kind === 'typing' ? 'typing' : 'read_receipts')) return;
          await running.request(signalRequest(one), SIGNAL_MS);
          hasReportedSignal = false;
        } catch (error) {
          // `probe` reports that imsg does not run.
          if (error instanceof ImsgUnavailable) return;
          if (needsNewProcess(error)) running?.end();
          if (!hasReportedSignal) onProblem(problemOf(error));
          hasReportedSignal = true;
        }
      },
      SIGNAL_MS,
      () => {},
    );

  const lookUp = async (handle: string) => {
    try {
      const result = await read((running) =>
        hasCapability(running.status, 'lookup')
          ? running.request({ method: 'handles.check', parameters: { address: handle } }, READ_TIMEOUT_MS)
          : Promise.resolve(undefined),
      );
      const { available, id_status } = handleStatus.catch({}).parse(result);
      if (available === true) return 'imessage';
      return id_status === NOT_REGISTERED && !handle.includes('@') ? 'sms' : 'unknown';
    } catch {
      return 'unknown';
    }
  };

  const statusOf = async (attemptId: string) => {
    try {
      const state = await read((running) => storedState(running, attemptId));
      if (state === 'failed') return 'failed';
      return state === 'sent' || state === 'delivered' ? 'sent' : 'unknown';
    } catch {
      return 'unknown';
    }
  };

  return { name: 'imsg', probe, send, change, signal, lookUp, statusOf, close: () => imsg.close() };
}

/** Every imsg sends to groups; the attempt to send then reports the gap. */
function notReady(gap: SenderGap): SenderState {
  return {
    isReady: false,
    version: undefined,
    capabilities: ['groups'],
    canCreateGroups: false,
    gaps: [gap],
  };
}

function unavailableOutcome({ message, isPermission }: ImsgUnavailable): SendOutcome {
  return isPermission ? { kind: 'rejected', code: 'permission_denied', problem: message } : rejected(message);
}

function textsOf({ content, subject }: Sending): (string | undefined)[] {
  return [content.kind === 'text' ? content.text : undefined, subject];
}
