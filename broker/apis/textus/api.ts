/**
 * The TextUs API: its tokens, its content type and its operations. Paths that begin with an account's slug belong to
 * the account of the token; where the slug is a name of Homing's own, they are none of this API's.
 */
import type { IncomingMessage } from 'node:http';
import { type Caller, revocationError } from '../../core/accounts/caller.ts';
import { isReservedSlug } from '../../core/accounts/reserved-slugs.ts';
import type { Permission } from '../../core/model/api-key.ts';
import { HomingError, notFound } from '../../core/model/errors.ts';
import { type AuthenticateCaller, type CallerAuthentication, keyOf } from '../../http/authenticate.ts';
import type { Api, ApiDescription, Authenticated, Operation } from '../../http/operation.ts';
import { accountOperations } from './account-operations.ts';
import { contactOperations } from './contact-operations.ts';
import { conversationOperations } from './conversation-operations.ts';
import { CONTENT_TYPE, isAcceptable, mapError } from './hydra.ts';
import { integrationOperations } from './integration-operations.ts';
import { messageOperations } from './message-operations.ts';
import type { TextusContext } from './options.ts';
import { hydraError } from './response-schemas.ts';
import { savedReplyOperations } from './saved-reply-operations.ts';
import { sendOperations } from './send-operations.ts';
import { userOperations } from './user-operations.ts';

export interface TextusOptions extends TextusContext {
  authenticate: AuthenticateCaller;
}

/** Nobody in particular: who asks for a context. */
const ANYBODY = undefined as unknown as Caller;

const description: ApiDescription = {
  name: 'textus',
  title: 'TextUs',
  summary:
    'The TextUs API: messages to one or many, conversations, contacts, saved replies, WhatsApp templates and integrations, as JSON-LD with Hydra’s collections.',
  keysIn: ['bearer', 'x-api-key'],
  contentType: CONTENT_TYPE,
  error: hydraError,
  params: {
    account: 'The slug of the token’s account.',
    slug: 'The slug of the token’s account.',
    id: 'The last part of what it is named by, without the path before it.',
    file: 'The type, with .jsonld behind it.',
  },
};

export function textusApi(options: TextusOptions): Api<Caller> {
  const operations = [
    ...sendOperations(options),
    ...messageOperations(options),
    ...conversationOperations(options),
    ...contactOperations(options),
    ...userOperations(options),
    ...savedReplyOperations(options),
    ...integrationOperations(options),
    ...accountOperations(options),
  ];
  return {
    name: 'textus',
    description,
    async authenticate(request, operation) {
      if (operation !== undefined && operation.permission === undefined) {
        return { caller: ANYBODY, headers: {}, error: errorOf(request) };
      }
      const known = await options.authenticate(
        keyOf(request),
        operation?.permission as Permission | undefined,
        request,
      );
      return {
        ...known,
        error: known.error ?? errorOf(request, operation, known),
      } as Authenticated<Caller>;
    },
    recheck: async (caller) => (caller === ANYBODY ? undefined : revocationError(options.store, caller)),
    mapError,
    operations: operations.map((operation) =>
      isOfAccount(operation)
        ? { ...operation, isFor: ({ account }) => !isReservedSlug(account ?? '') }
        : operation,
    ),
  };
}

function errorOf(
  { headers, url = '' }: IncomingMessage,
  operation?: Operation<Caller>,
  { caller }: Partial<CallerAuthentication> = {},
): HomingError | undefined {
  if (!isAcceptable(headers.accept)) {
    return new HomingError('not_acceptable', 'Answers are application/vnd.textus+jsonld: accept that type.');
  }
  if (operation === undefined || !isOfAccount(operation)) return undefined;
  const slug = url.split(/[/?]/, 2)[1];
  return slug === caller?.credential.tenant.accountSlug ? undefined : notFound('Account');
}

function isOfAccount({ path }: Operation<Caller>): boolean {
  return path.startsWith('/:account/');
}
