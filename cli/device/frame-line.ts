/** Formats each frame as one readable line: `→` to the broker, `←` from the broker. */
import type { BrokerFrame, DeviceFrame, InboundItem } from '../../shared/protocol.ts';

const TEXT_MAX_CHARACTERS = 60;

export function sentLine(frame: DeviceFrame): string {
  switch (frame.type) {
    case 'hello':
      return `→ hello: ${frame.capabilities.join(', ')}; credit ${frame.credit}`;
    case 'credit':
      return `→ credit ${frame.n}`;
    case 'report':
      return `→ report ${frame.seq}: ${frame.items.map(({ message, action, state, error }) => `${message ?? action} ${state}${error ? ` (${error.code})` : ''}`).join(', ')}`;
    case 'inbound':
      return `→ inbound ${frame.seq}: ${frame.items.map((item) => `${item.from} ${inboundText(item)}`).join(', ')}`;
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
      return `← deliver: ${frame.items.map(({ message, attempt, to, chat, participants, text }) => `${message}${attempt > 1 ? ` (attempt ${attempt})` : ''} to ${to ?? chat ?? participants?.join(', ')} ${quote(text)}`).join(', ')}`;
    case 'ack':
      return `← ack of ${frame.of} ${frame.seq}`;
    case 'cancel':
      return `← cancel ${frame.message ?? frame.action}`;
    case 'act':
      return `← act: ${frame.items.map(({ action, kind, value }) => `${action} ${kind}${value === undefined ? '' : ` ${quote(value)}`}`).join(', ')}`;
    case 'signal':
      return `← signal: ${frame.kind}${frame.state === undefined ? '' : ` ${frame.state}`} in ${frame.to ?? frame.chat}`;
    case 'request':
      return `← request ${frame.id}: ${frame.op}`;
    case 'bye':
      return `← bye: ${frame.reason}; reconnect after ${frame.retry_after_s} s`;
    case 'error':
      return `← error ${frame.code}: ${frame.message}`;
  }
}

function inboundText({ text, typing, reaction, change }: InboundItem): string {
  if (typing !== undefined) return `typing ${typing}`;
  if (reaction != null) return `reaction ${reaction.kind} to ${reaction.of}`;
  if (change !== undefined) return `${change.kind} ${change.of}${text === '' ? '' : ` ${quote(text)}`}`;
  return quote(text);
}

/** Quotes a text on one line, truncated to 60 characters. */
function quote(text: string): string {
  const characters = [...text.replace(/\s+/g, ' ')];
  const isTruncated = characters.length > TEXT_MAX_CHARACTERS;
  return `“${characters.slice(0, TEXT_MAX_CHARACTERS).join('')}${isTruncated ? '…' : ''}”`;
}
