/** Prints the events of a device: frames on standard output, other events on standard error. */
import type { DeviceEvent } from '../../relay-agent/device-client.ts';
import type { CloseReason } from '../../relay-agent/transport/transport.ts';
import { printJson, printLine, printNotice } from '../terminal.ts';
import { receivedLine, sentLine } from './frame-line.ts';

export function printEventAsJson(event: DeviceEvent): void {
  if (event.type === 'sent') printJson({ direction: 'out', ...event.frame });
  else if ('raw' in event && typeof event.raw === 'object') printJson({ direction: 'in', ...event.raw });
  printEventNotice(event);
}

export function printEventAsLine(event: DeviceEvent): void {
  if (event.type === 'sent') printLine(sentLine(event.frame));
  if (event.type === 'frame') printLine(receivedLine(event.frame));
  printEventNotice(event);
}

/** Prints an event that is not a frame on standard error. */
export function printEventNotice(event: DeviceEvent): void {
  if (event.type === 'unusable') printNotice(`homing: Ignored an invalid frame: ${event.problem}`);
  if (event.type === 'trouble')
    printNotice(`homing: ${event.problem}; next attempt in ${seconds(event.retryInMs)}`);
  if (event.type === 'waiting') {
    printNotice(`homing: Not connected: ${describe(event.reason)}; reconnecting in ${seconds(event.ms)}`);
  }
}

function describe(reason: CloseReason): string {
  switch (reason.kind) {
    case 'goodbye':
      return `the broker closed the session (${reason.reason})`;
    case 'expired':
      return 'the session expired';
    case 'lost':
      return reason.problem;
    case 'revoked':
    case 'replaced':
    case 'stopped':
      return reason.kind;
  }
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
