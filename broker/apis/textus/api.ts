/**
 * Defines the TextUs API: tokens, content type and operations. A path that begins with an account's slug belongs to the
 * account of the token. A path whose first segment is reserved by Homing belongs to another API.
 */
import type { IncomingMessage } from 'node:http';
import { type Caller, revocationError } from '../../core/accounts/caller.ts';
import { isReservedSlug } from '../../core/accounts/reserved-slugs.ts';
import type { Permission } from '../../core/model/api-key.ts';
import { HomingError, notFound } from '../../core/model/errors.ts';
import type { CallerAuthentication } from '../../http/authenticate.ts';
import type { Api, ApiDescription, Authenticated, Operation } from '../../http/operation.ts';
import { accountOperations } from './account-operations.ts';
import { contactOperations } from './contact-operations.ts';
import { conversationOperations } from './conversation-operations.ts';
import { hydraError, mapError } from './errors.ts';
import { WEBHOOKS } from './event-schemas.ts';
import { CONTENT_TYPE, isAcceptable } from './hydra.ts';
import { integrationOperations } from './integration-operations.ts';
import { messageOperations } from './message-operations.ts';
import type { TextusOptions } from './options.ts';
import { savedReplyOperations } from './saved-reply-operations.ts';
import { sendOperations } from './send-operations.ts';
import { userOperations } from './user-operations.ts';

/** Caller of an operation without a permission (the JSON-LD contexts). Those operations never read it. */
const ANONYMOUS = undefined as unknown as Caller;

const description: ApiDescription = {
  name: 'textus',
  title: 'TextUs',
  summary:
    'The TextUs API: messages to one or several recipients, conversations, contacts, saved replies, WhatsApp templates and integrations, as JSON-LD with Hydra collections.',
  keysIn: ['bearer', 'x-api-key'],
  contentType: CONTENT_TYPE,
  error: hydraError,
  webhooks: WEBHOOKS,
  params: {
    account: 'Slug of the token’s account.',
    slug: 'Slug of the token’s account.',
    id: 'Bare id of the resource: the last segment of its IRI.',
    file: 'Name of the type, with the extension .jsonld.',
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
        return { caller: ANONYMOUS, headers: {}, error: requestError(request) };
      }
      const authentication = await options.authenticate(
        request,
        description.keysIn,
        operation?.permission as Permission | undefined,
      );
      return {
        ...authentication,
        error: authentication.error ?? requestError(request, operation, authentication),
      } as Authenticated<Caller>;
    },
    recheck: async (caller) => (caller === ANONYMOUS ? undefined : revocationError(options.store, caller)),
    mapError,
    operations: operations.map((operation) =>
      hasAccountPath(operation)
        ? { ...operation, isFor: ({ account }) => !isReservedSlug(account ?? '') }
        : operation,
    ),
  };
}

function requestError(
  { headers, url = '' }: IncomingMessage,
  operation?: Operation<Caller>,
  { caller }: Partial<CallerAuthentication> = {},
): HomingError | undefined {
  if (!isAcceptable(headers.accept)) {
    return new HomingError(
      'not_acceptable',
      `Responses have the content type ${CONTENT_TYPE}, but the Accept header does not include it.`,
    );
  }
  if (operation === undefined || !hasAccountPath(operation)) return undefined;
  const slug = url.split(/[/?]/, 2)[1];
  return slug === caller?.credential.tenant.accountSlug ? undefined : notFound('Account');
}

function hasAccountPath({ path }: Operation<Caller>): boolean {
  return path.startsWith('/:account/');
}
