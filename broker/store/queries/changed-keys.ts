/** Formats and parses the lines of `message_changes`: the messages that a commit accepted or changed. */
import type { Message } from '../../core/model/message.ts';

export type MessageKey = readonly [tenantId: number, id: string];

export function changedLine({ tenantId, id }: Pick<Message, 'tenantId' | 'id'>): string {
  return `${tenantId} ${id}`;
}

export function changedKeys(lines: string): MessageKey[] {
  return lines.split('\n').map((line) => {
    const space = line.indexOf(' ');
    return [Number(line.slice(0, space)), line.slice(space + 1)];
  });
}
