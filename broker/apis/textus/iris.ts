/** Formats and parses the IRIs of resources: paths with the bare id, where the resource can be fetched. */
import { readBareId } from '../../../shared/ids.ts';
import { notFound } from '../../core/model/errors.ts';

const COLLECTIONS = {
  message: 'messages',
  conversation: 'conversations',
  attachment: 'attachments',
  user: 'users',
  contact: 'contacts',
  savedReply: 'saved_replies',
  template: 'whatsapp_templates',
  integration: 'integrations',
} as const;

type ResourceKind = keyof typeof COLLECTIONS;

export function formatIri(kind: ResourceKind, id: string): string {
  return `/${COLLECTIONS[kind]}/${id}`;
}

export function accountIri(slug: string): string {
  return `/accounts/${slug}`;
}

export function contextIri(type: string): string {
  return `/contexts/${type}.jsonld`;
}

/** Returns the id of an IRI or of a bare id; undefined if the text is neither. */
export function parseIri(kind: ResourceKind, text: string): string | undefined {
  const prefix = `/${COLLECTIONS[kind]}/`;
  return readBareId(text.startsWith(prefix) ? text.slice(prefix.length) : text);
}

/** Returns the id in a request's path. A malformed id is handled like an unknown id. @throws HomingError */
export function pathId(params: Readonly<Record<string, string>>, resource: string): string {
  const id = readBareId(params.id ?? '');
  if (id === undefined) throw notFound(resource);
  return id;
}
