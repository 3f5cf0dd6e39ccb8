/** Sets up the sender for imsg with its stand-in. */
import { onTestFinished } from 'vitest';
import { type ImsgOptions, imsgSender } from '../../../relay-agent/senders/imsg-sender.ts';
import type { Sending } from '../../../relay-agent/senders/sender.ts';
import { type ImsgSettings, installImsg } from './imsg.ts';
import { sendingTo } from './sendings.ts';

export const ANN = '+14155550101';
export const BEN = '+14155550102';
export const CID = '+14155550103';
/** Long enough for a process to start on a busy machine. */
const PATIENT_MS = 30_000;

export function startImsg(settings: Partial<ImsgSettings> = {}, options: Partial<ImsgOptions> = {}) {
  const imsg = installImsg(settings);
  const problems: string[] = [];
  const sender = imsgSender({
    program: imsg.program,
    timeoutMs: PATIENT_MS,
    onProblem: (problem) => problems.push(problem),
    ...options,
  });
  const processes = () => new Set(imsg.calls().map(({ pid }) => pid)).size;
  /** Methods and parameters of the sends, changes and signals. */
  const requests = () => imsg.calls().map(({ method, parameters }) => ({ method, parameters }));
  const close = () => {
    sender.close();
    imsg.remove();
  };
  return { ...imsg, sender, problems, processes, requests, close };
}

/** Like `startImsg`, for one test. */
export function setUpImsg(...options: Parameters<typeof startImsg>) {
  const started = startImsg(...options);
  onTestFinished(started.close);
  return started;
}

export function text(to: string, words = 'Hello', more: Partial<Sending> = {}): Sending {
  return sendingTo(to, { kind: 'text', text: words }, more);
}

/** The outcome of the given delivery of the stand-in to a contact without a chat, counted from 1. */
export function acceptedTo(handle: string, delivery: number) {
  return { kind: 'accepted', guid: `GUID-${delivery}`, chat: `any;-;${handle}` };
}
