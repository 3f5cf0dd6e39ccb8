/** Describes a change of a group in one sentence. */
import type { GroupChange } from '../../api/types.ts';
import { formatHandle } from '../../ui/format-handle.ts';

export function changeText(
  { kind, actor, actorName, value, valueName }: GroupChange,
  ownNumber: string,
): string {
  const nameOf = (handle: string, name: string | null) =>
    handle === ownNumber ? 'you' : (name ?? formatHandle(handle));
  const subject = actor === null ? null : capitalized(nameOf(actor, actorName));
  const object = value === null ? 'a participant' : nameOf(value, valueName);
  switch (kind) {
    case 'created':
      return `${subject ?? 'A participant'} started the conversation`;
    case 'named':
      if (value === null || value === '') return `${subject ?? 'A participant'} removed the name`;
      return `${subject ?? 'A participant'} named the conversation “${value}”`;
    case 'joined':
      if (subject === null || actor === value) return `${capitalized(object)} joined the conversation`;
      return `${subject} added ${object}`;
    case 'left':
      if (subject === null || actor === value) return `${capitalized(object)} left the conversation`;
      return `${subject} removed ${object}`;
  }
}

const capitalized = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
