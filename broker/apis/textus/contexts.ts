/** Builds the JSON-LD contexts of the response types: the IRI and type of each key. */
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

/** Keys whose values are IRIs of other resources. */
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

/** Objects with keys that the contexts do not define: custom fields and action switches. */
const OPAQUE: ReadonlySet<string> = new Set(['actions', 'custom']);

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

/** Returns the context of a type by its file name; undefined if the type is unknown. */
export function contextFor(file: string): unknown {
  const type = /^(.{1,40})\.jsonld$/.exec(file)?.[1];
  if (type === 'hydra:Collection') return COLLECTION;
  const shape = type === undefined ? undefined : TYPES.get(type)?.shape;
  if (type === undefined || shape === undefined) return undefined;
  return {
    '@context': {
      ...PREFIXES,
      // A name with a colon is already an IRI.
      ...(type.includes(':') ? {} : { [type]: VOCABULARY + type }),
      ...Object.fromEntries(keysOf(shape).map((key) => [key, definitionOf(key)])),
    },
  };
}

/** Includes the keys of nested objects, except objects with a separate context. */
function keysOf(shape: z.ZodRawShape): string[] {
  return Object.entries(shape).flatMap(([key, value]) => {
    if (key.startsWith('@') || key === 'id') return [];
    const hasNested = value instanceof z.ZodObject && !('@context' in value.shape);
    return hasNested ? [key, ...keysOf(value.shape)] : [key];
  });
}

function definitionOf(key: string) {
  const iri = VOCABULARY + key;
  if (OPAQUE.has(key)) return { '@id': iri, '@type': '@json' };
  if (REFERENCES.has(key)) return { '@id': iri, '@type': '@id' };
  return TIMES.has(key) ? { '@id': iri, '@type': 'xsd:dateTime' } : iri;
}
