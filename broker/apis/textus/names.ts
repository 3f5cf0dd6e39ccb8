/** What things are named by: a path with the bare id, at which they can be fetched. */
import { readBareId } from '../../../shared/ids.ts';
import { notFound } from '../../core/model/errors.ts';

const KINDS = {
  message: 'messages',
  conversation: 'conversations',
  attachment: 'attachments',
  user: 'users',
  contact: 'contacts',
  savedReply: 'saved_replies',
  template: 'whatsapp_templates',
  integration: 'integrations',
} as const;

type Kind = keyof typeof KINDS;

export function nameOf(kind: Kind, id: string): string {
  return `/${KINDS[kind]}/${id}`;
}

export function accountName(slug: string): string {
  return `/accounts/${slug}`;
}

export function contextName(type: string): string {
  return `/contexts/${type}.jsonld`;
}

/** The id in a name, or in an id that stands alone; undefined where the text is neither. */
export function readName(kind: Kind, text: string): string | undefined {
  const prefix = `/${KINDS[kind]}/`;
  return readBareId(text.startsWith(prefix) ? text.slice(prefix.length) : text);
}

/** The id in a request's path. */
export function idIn(params: Readonly<Record<string, string>>, what: string): string {
  const id = readBareId(params.id ?? '');
  if (id === undefined) throw notFound(what);
  return id;
}
