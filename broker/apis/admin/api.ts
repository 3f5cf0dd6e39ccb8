/** Defines the API of the dashboard: sessions of members, error format and operations. Not part of the documentation. */
import { compressJson } from '../../http/compress-json.ts';
import type { Api, Operation } from '../../http/operation.ts';
import { publishing } from './admin-operation.ts';
import { auditOperations } from './audit-operations.ts';
import { authenticateBySession } from './authenticate.ts';
import type { AdminCaller } from './caller.ts';
import { conversationOperations } from './conversation-operations.ts';
import { mapError } from './errors.ts';
import { eventOperations } from './event-operations.ts';
import { eventStreamOperations } from './event-stream-operations.ts';
import { invitationOperations } from './invitation-operations.ts';
import { managementOperations } from './management.ts';
import { mediaOperations } from './media-operations.ts';
import { memberOperations } from './member-operations.ts';
import { messageOperations } from './message-operations.ts';
import type { AdminOptions } from './options.ts';
import { passkeyOperations } from './passkey-operations.ts';
import { savedReplyOperations } from './saved-reply-operations.ts';
import { sendOperations } from './send-operations.ts';
import { sessionOperations } from './session-operations.ts';
import { signInOperations } from './sign-in-operations.ts';

export function adminApi(options: AdminOptions): Api<AdminCaller> {
  const operations = [
    ...sessionOperations(options),
    ...conversationOperations(options),
    // The order matters: `preview` would otherwise match as the id of a message.
    ...sendOperations(options),
    ...messageOperations(options),
    ...mediaOperations(options),
    ...managementOperations(options),
    ...eventOperations(options),
    ...eventStreamOperations(options),
    ...savedReplyOperations(options),
    ...signInOperations(options),
    ...passkeyOperations(options),
    ...memberOperations(options),
    ...invitationOperations(options),
    ...auditOperations(options),
  ];
  return {
    name: 'admin',
    ...authenticateBySession(options),
    mapError,
    operations: operations.map((one) => compressing(publishing(options.changeFeed, one))),
  };
}

/**
 * The session cookie is never sent with requests of other sites, so another page cannot measure the compressed size of a
 * response with secrets.
 */
function compressing(operation: Operation<AdminCaller>): Operation<AdminCaller> {
  return {
    ...operation,
    handle: async (request) => compressJson(await operation.handle(request), request.request),
  };
}
