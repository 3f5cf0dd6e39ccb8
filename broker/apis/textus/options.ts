/** What the operations of TextUs are given, and how they write. */
import type { IdSource } from '../../../shared/ids.ts';
import type { KeyContext } from '../../core/accounts/api-keys.ts';
import type { Projector } from '../../core/inbox/projector.ts';
import type { MessageSender } from '../../core/messages/send-messages.ts';
import type { Message } from '../../core/model/message.ts';
import type { Store } from '../../core/ports/store.ts';
import type { MediaLibrary } from '../../media/library.ts';
import { loadSerializerContext, serializeMessage } from './message-serializer.ts';
import { hydraError } from './response-schemas.ts';

export interface TextusContext {
  store: Store;
  messageSender: MessageSender;
  projector: Pick<Projector, 'catchUp'>;
  library: MediaLibrary;
  keyContext: KeyContext;
  context: { now: () => number; ids: IdSource };
  /** The number that the sandbox sends from unless one is named. */
  sandboxSender: string;
  /** Whether an address may be http:// or private. */
  allowsPrivateUrls: boolean;
  /** A link to an attachment that works until then (epoch ms). */
  linkTo(mediaId: string, until: number): string;
}

/** How long a link to an attachment works. */
export const LINK_MS = 60 * 60 * 1000;

export const errorResponse = { description: 'Refused; the description says why.', schema: hydraError };
export const invalid = { description: 'What is wrong with the fields.', schema: hydraError };

export function linksOf({ linkTo, context }: TextusContext): (mediaId: string) => string {
  return (mediaId) => linkTo(mediaId, context.now() + LINK_MS);
}

export async function serializeMessages(
  options: TextusContext,
  tenantId: number,
  messages: readonly Message[],
): Promise<unknown[]> {
  const around = await loadSerializerContext(options.store.read, tenantId, messages, linksOf(options));
  return messages.map((message) => serializeMessage(message, around));
}
