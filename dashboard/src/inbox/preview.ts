/** Describes a message in one line. */
import type { Media, Message } from '../api/types.ts';

export function previewOf({
  direction,
  content,
  media,
  retractedAt,
  isGroup,
  senderName,
  isVoiceNote,
}: Message): string {
  const who = direction === 'outbound' ? 'You: ' : isGroup && senderName !== null ? `${senderName}: ` : '';
  if (retractedAt !== null) return `${who}Unsent message`;
  if (isVoiceNote) return `${who}Voice note`;
  const text = content.replace(/\s+/g, ' ').trim();
  if (text !== '') return who + text;
  const [first] = media;
  return first === undefined ? `${who}Empty message` : who + describeMedia(first, media.length);
}

export function describeMedia({ contentType }: Media, count: number): string {
  const [kind] = (contentType ?? '').split('/');
  const names: Record<string, [string, string]> = {
    image: ['Photo', 'photos'],
    video: ['Video', 'videos'],
    audio: ['Audio message', 'audio messages'],
  };
  const [one, many] = names[kind ?? ''] ?? ['File', 'files'];
  return count === 1 ? one : `${count} ${many}`;
}
