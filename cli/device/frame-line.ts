/** Formats each frame as one readable line: `→` to the broker, `←` from the broker. */
import type { BrokerFrame, DeviceFrame } from '../../shared/protocol.ts';

const TEXT_MAX_CHARACTERS = 60;

export function sentLine(frame: DeviceFrame): string {
  switch (frame.type) {
    case 'hello':
      return `→ hello: ${frame.capabilities.join(', ')}; credit ${frame.credit}`;
    case 'credit':
      return `→ credit ${frame.n}`;
    case 'report':
      return `→ report ${frame.seq}: ${frame.items.map(({ message, state, error }) => `${message} ${state}${error ? ` (${error.code})` : ''}`).join(', ')}`;
    case 'inbound':
      return `→ inbound ${frame.seq}: ${frame.items.map(({ from, text }) => `${from} ${quote(text)}`).join(', ')}`;
    case 'health':
      return '→ health';
    case 'answer':
      return `→ answer ${frame.id}`;
  }
}

export function receivedLine(frame: BrokerFrame): string {
  switch (frame.type) {
    case 'welcome':
      return `← welcome: ${frame.device}, session ${frame.session}, lease ${frame.lease_s} s`;
    case 'deliver':
      return `← deliver: ${frame.items.map(({ message, attempt, to, text }) => `${message}${attempt > 1 ? ` (attempt ${attempt})` : ''} to ${to} ${quote(text)}`).join(', ')}`;
    case 'ack':
      return `← ack of ${frame.of} ${frame.seq}`;
    case 'cancel':
      return `← cancel ${frame.message}`;
    case 'request':
      return `← request ${frame.id}: ${frame.op}`;
    case 'bye':
      return `← bye: ${frame.reason}; reconnect after ${frame.retry_after_s} s`;
    case 'error':
      return `← error ${frame.code}: ${frame.message}`;
  }
}

/** Quotes a text on one line, truncated to 60 characters. */
function quote(text: string): string {
  const characters = [...text.replace(/\s+/g, ' ')];
  const isTruncated = characters.length > TEXT_MAX_CHARACTERS;
  return `“${characters.slice(0, TEXT_MAX_CHARACTERS).join('')}${isTruncated ? '…' : ''}”`;
}
