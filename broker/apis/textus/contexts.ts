/** The JSON-LD contexts that answers name: what each key of a type means. */
import { z } from 'zod';
import * as schemas from './response-schemas.ts';

const VOCABULARY = 'urn:homing:textus:';

const TYPES: ReadonlyMap<string, z.ZodObject> = new Map<string, z.ZodObject>([
  ['Account', schemas.account],
  ['Attachment', schemas.attachment],
  ['Contact', schemas.contact],
  ['Conversation', schemas.conversation],
  ['Integration', schemas.integration],
  ['Message', schemas.message],
  ['SavedReply', schemas.savedReply],
  ['User', schemas.user],
  ['WhatsApp::Template', schemas.template],
]);

/** Keys whose values are the names of other things. */
const REFERENCES: ReadonlySet<string> = new Set([
  'contact',
  'contacts',
  'conversation',
  'conversations',
  'downloadUrl',
  'integrations',
  'latestMessage',
  'messages',
  'savedReplies',
  'sender',
  'url',
  'user',
  'users',
  'whatsAppTemplates',
]);

const TIMES: ReadonlySet<string> = new Set(['createdAt', 'displayTimestamp', 'latestEventAt', 'updatedAt']);

/** Objects whose keys the account chooses, or that are only switches. */
const FREE: ReadonlySet<string> = new Set(['actions', 'custom']);

const PREFIXES = {
  hydra: 'http://www.w3.org/ns/hydra/core#',
  xsd: 'http://www.w3.org/2001/XMLSchema#',
  id: '@id',
};

const COLLECTION = {
  '@context': {
    ...PREFIXES,
    members: { '@id': 'hydra:member', '@container': '@list' },
    totalItems: 'hydra:totalItems',
    view: 'hydra:view',
    next: { '@id': 'hydra:next', '@type': '@id' },
    cursor: `${VOCABULARY}cursor`,
  },
};

/** The context of a type, by the name of its file; undefined: there is none. */
export function contextFor(file: string): unknown {
  const type = /^(.{1,40})\.jsonld$/.exec(file)?.[1];
  if (type === 'hydra:Collection') return COLLECTION;
  const shape = type === undefined ? undefined : TYPES.get(type)?.shape;
  if (type === undefined || shape === undefined) return undefined;
  return {
    '@context': {
      ...PREFIXES,
      // A name with a colon is an address already, and stands for itself.
      ...(type.includes(':') ? {} : { [type]: VOCABULARY + type }),
      ...Object.fromEntries(keysOf(shape).map((key) => [key, meaningOf(key)])),
    },
  };
}

/** Also the keys of what is nested, unless it has a context of its own. */
function keysOf(shape: z.ZodRawShape): string[] {
  return Object.entries(shape).flatMap(([key, value]) => {
    if (key.startsWith('@') || key === 'id') return [];
    const hasNested = value instanceof z.ZodObject && !('@context' in value.shape);
    return hasNested ? [key, ...keysOf(value.shape)] : [key];
  });
}

function meaningOf(key: string) {
  const iri = VOCABULARY + key;
  if (FREE.has(key)) return { '@id': iri, '@type': '@json' };
  if (REFERENCES.has(key)) return { '@id': iri, '@type': '@id' };
  return TIMES.has(key) ? { '@id': iri, '@type': 'xsd:dateTime' } : iri;
}
