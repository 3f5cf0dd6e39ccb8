/** Shows what happens to the device: frames on standard output, everything else on standard error. */

import type { DeviceEvent } from '../../relay-agent/device-client.ts';
import type { CloseReason } from '../../relay-agent/transport/transport.ts';
import { printJson, printLine, say } from '../terminal.ts';
import { receivedLine, sentLine } from './frame-line.ts';

export function showAsJson(event: DeviceEvent): void {
  if (event.type === 'sent') printJson({ direction: 'out', ...event.frame });
  else if ('raw' in event && typeof event.raw === 'object') printJson({ direction: 'in', ...event.raw });
  showComments(event);
}

export function showAsLines(event: DeviceEvent): void {
  if (event.type === 'sent') printLine(sentLine(event.frame));
  if (event.type === 'frame') printLine(receivedLine(event.frame));
  showComments(event);
}

/** What is no frame, on standard error. */
export function showComments(event: DeviceEvent): void {
  if (event.type === 'unusable') say(`homing: A frame was not understood and passed over: ${event.problem}`);
  if (event.type === 'trouble') say(`homing: ${event.problem}; trying again in ${seconds(event.retryInMs)}`);
  if (event.type === 'waiting') {
    say(`homing: Not connected: ${sentenceOf(event.reason)}; connecting again in ${seconds(event.ms)}`);
  }
}

function sentenceOf(reason: CloseReason): string {
  switch (reason.kind) {
    case 'goodbye':
      return `the broker said goodbye (${reason.reason})`;
    case 'expired':
      return 'the broker has ended the session';
    case 'lost':
      return reason.problem;
    case 'revoked':
    case 'replaced':
    case 'stopped':
      return reason.kind;
  }
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
