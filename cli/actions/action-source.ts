/** Queues and cancels reactions, edits and unsending, in the local data folder or at a remote broker. */
import { acceptAction } from '../../broker/core/messages/accept-action.ts';
import type { ActionRequest } from '../../broker/core/messages/action-rules.ts';
import { cancelAction } from '../../broker/core/messages/cancel-message.ts';
import { ownReactionId } from '../../broker/core/messages/own-reaction.ts';
import { conflict, notFound } from '../../broker/core/model/errors.ts';
import type { Message } from '../../broker/core/model/message.ts';
import type { Tenant } from '../../broker/core/model/tenant.ts';
import type { Action } from '../../client/src/index.ts';
import { formatId, parseId } from '../../shared/ids.ts';
import { acceptOptionsOf } from '../accept-options.ts';
import type { LocalStore } from '../local-store.ts';
import type { RemoteBroker } from '../remote-broker.ts';

/** A queued action on a message or group in the output of `--json`. */
export interface ActionOutput {
  /** `act_…` */
  id: string;
  kind: string;
  /** `msg_…`; null: the action changes a group. */
  message_id: string | null;
  /** The reaction, the new text, the name or the handle; null: none. */
  value: string | null;
  status: string;
  error_code: string | null;
  /** ISO 8601, UTC. */
  created_at: string;
}

/** Ids are formatted: `msg_…`. Each method throws an error if the message is unknown or cannot be changed. */
export interface ActionSource {
  /** Next step after an action was queued. */
  resultHint(action: ActionOutput): string;
  react(messageId: string, reaction: string, part: number): Promise<ActionOutput>;
  /** Removes the reaction, or cancels it if it was not sent yet. */
  removeReaction(messageId: string, reaction: string, part: number): Promise<ActionOutput>;
  edit(messageId: string, content: string): Promise<ActionOutput>;
  unsend(messageId: string): Promise<ActionOutput>;
  /** @throws an error if the action was already carried out */
  cancel(actionId: string): Promise<ActionOutput>;
}

export function localActions(local: LocalStore, tenant: Tenant): ActionSource {
  const { read } = local.store;
  const find = async (shown: string) => {
    const id = parseId('msg', shown);
    const found = id === undefined ? undefined : await read.messages.find(tenant.id, id);
    if (found === undefined) throw notFound('Message');
    return found;
  };
  const act = async (request: ActionRequest): Promise<ActionOutput> => {
    const { message } = await local.store.transaction((tx) =>
      acceptAction(tx, { kind: 'operator', tenant }, request, acceptOptionsOf(local)),
    );
    if (message === null) throw notFound('Message');
    return serialize(message);
  };
  return {
    resultHint: ({ message_id }) => `Follow its status with: npx homing messages ${message_id}`,
    async react(messageId, reaction, part) {
      const { id } = await find(messageId);
      return act({ on: 'message', id, kind: 'react', reaction, part });
    },
    async removeReaction(messageId, reaction, part) {
      const message = await find(messageId);
      const reactionId = await ownReactionId(read, message, reaction, part);
      if (reactionId === undefined) throw notSet(reaction, part);
      return act({ on: 'message', id: message.id, kind: 'unreact', reactionId });
    },
    async edit(messageId, content) {
      const { id } = await find(messageId);
      return act({ on: 'message', id, kind: 'edit', content });
    },
    async unsend(messageId) {
      const { id } = await find(messageId);
      return act({ on: 'message', id, kind: 'unsend' });
    },
    async cancel(shown) {
      const id = parseId('act', shown);
      if (id === undefined) throw notFound('Action');
      const at = { now: local.keyContext.now(), ids: local.keyContext.ids };
      return serialize(await local.store.transaction((tx) => cancelAction(tx, tenant.id, id, at)));
    },
  };
}

function serialize({ id, action, status, errorCode, createdAt }: Message): ActionOutput {
  if (action === null) throw notFound('Action');
  const { kind, messageId, value } = action;
  return {
    id: formatId('act', id),
    kind,
    message_id: messageId === null ? null : formatId('msg', messageId),
    value: value === '' ? null : value,
    status,
    error_code: errorCode,
    created_at: new Date(createdAt).toISOString(),
  };
}

/** The API returns the reactions that are set, so only those can be removed. */
export function remoteActions({ homing: { messages, POST, unwrap } }: RemoteBroker): ActionSource {
  return {
    // The API returns no timeline of a message.
    resultHint: () => 'See its result in the conversation with: npx homing conversations',
    async react(messageId, reaction, part) {
      const { action_id, message_id, status, created_at } = await messages.react(messageId, reaction, {
        part,
      });
      const shared = { id: action_id, kind: 'react', message_id, value: reaction, status };
      return { ...shared, error_code: null, created_at };
    },
    async removeReaction(messageId, reaction, part) {
      const { reactions } = await messages.get(messageId);
      const own = reactions.find(
        (one) => one.direction === 'outbound' && one.reaction === reaction && one.part === part,
      );
      if (own === undefined) throw notSet(reaction, part);
      return toOutput(await messages.removeReaction(messageId, own.id));
    },
    edit: async (messageId, content) => toOutput(await messages.edit(messageId, content)),
    unsend: async (messageId) => toOutput(await messages.unsend(messageId)),
    cancel: async (id) =>
      toOutput(await unwrap(POST('/v1/actions/{id}/cancel', { params: { path: { id } } }))),
  };
}

function toOutput({ id, kind, message_id, value, status, error_code, created_at }: Action): ActionOutput {
  return { id, kind, message_id, value, status, error_code, created_at };
}

const notSet = (reaction: string, part: number) =>
  conflict(`Your number has no reaction '${reaction}' on part ${part} of this message.`);
