/** Defines the API of the dashboard: sessions of members, error format and operations. Not part of the documentation. */
import { compressJson } from '../../http/compress-json.ts';
import type { Api, Operation } from '../../http/operation.ts';
import { auditOperations } from './access/audit-operations.ts';
import { authenticateBySession } from './access/authenticate.ts';
import { invitationOperations } from './access/invitation-operations.ts';
import { memberOperations } from './access/member-operations.ts';
import { passkeyOperations } from './access/passkey-operations.ts';
import { sessionOperations } from './access/session-operations.ts';
import { signInOperations } from './access/sign-in-operations.ts';
import { publishing } from './admin-operation.ts';
import type { AdminCaller } from './caller.ts';
import { eventStreamOperations } from './developers/event-stream-operations.ts';
import { mapError } from './errors.ts';
import { actionOperations } from './inbox/action-operations.ts';
import { conversationOperations } from './inbox/conversation-operations.ts';
import { eventOperations } from './inbox/event-operations.ts';
import { groupOperations } from './inbox/group-operations.ts';
import { mediaOperations } from './inbox/media-operations.ts';
import { messageOperations } from './inbox/message-operations.ts';
import { savedReplyOperations } from './inbox/saved-reply-operations.ts';
import { sendOperations } from './inbox/send-operations.ts';
import { managementOperations } from './management.ts';
import type { AdminOptions } from './options.ts';

export function adminApi(options: AdminOptions): Api<AdminCaller> {
  const operations = [
    ...sessionOperations(options),
    ...conversationOperations(options),
    // The order matters: `preview` would otherwise match as the id of a message.
    ...sendOperations(options),
    ...messageOperations(options),
    ...actionOperations(options),
    ...groupOperations(options),
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
