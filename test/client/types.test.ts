/** Contains code that the types of the client accept or reject. `npm run typecheck` checks it. */
import { describe, expectTypeOf, it } from 'vitest';
import {
  type Action,
  type Conversation,
  createHoming,
  type Homing,
  type HomingApiError,
  type Message,
  type MessageDetail,
  type QueuedReaction,
  type WebhookEvent,
} from '../../client/src/index.ts';

/** For the type check only; never called. */
const neverCalled = (_: (homing: Homing) => unknown) => {};

describe('the types of the client', () => {
  it('the types of the client check the parameters and the body of each path', () => {
    neverCalled(({ GET, POST }) => [
      // @ts-expect-error there is no such path
      GET('/v1/massages'),
      // @ts-expect-error the path has no POST
      POST('/v1/messages'),
      // @ts-expect-error the id of the path is missing
      GET('/v1/messages/{id}'),
      // @ts-expect-error `limit` is a number
      GET('/v1/messages', { params: { query: { limit: 'all' } } }),
      // @ts-expect-error there is no such status
      GET('/v1/messages', { params: { query: { status: 'lost' } } }),
      // @ts-expect-error there is no such effect
      POST('/v1/messages/send', { body: { to: '+14155550100', content: 'Hi', effect: 'glitter' } }),
      // @ts-expect-error `content` is a string
      POST('/v1/messages/send', { body: { to: '+14155550100', content: 1 } }),
      POST('/v1/messages/send', { body: { to: '+14155550100', content: 'Hi', media_url: null } }),
    ]);
  });

  it('the types of the client check the response of each path', () => {
    neverCalled(async ({ GET, DELETE, unwrap }) => {
      const page = await unwrap(GET('/v1/messages'));
      expectTypeOf(page.messages).toEqualTypeOf<Message[]>();
      expectTypeOf(page.cursor).toEqualTypeOf<string | null>();
      const { message } = await unwrap(GET('/api/v1/messages/{id}', { params: { path: { id: 'msg_1' } } }));
      expectTypeOf(message.segments).toEqualTypeOf<number>();
      // @ts-expect-error there is no such field
      message.content;
      const { data, error } = await GET('/v1/numbers');
      if (error === undefined) expectTypeOf(data.numbers[0]!.status).toEqualTypeOf<'active' | 'paused'>();
      else expectTypeOf(error.error.code).toEqualTypeOf<string>();
      const deleted = await unwrap(DELETE('/v1/webhooks/{id}', { params: { path: { id: 'wh_1' } } }));
      expectTypeOf(deleted).toEqualTypeOf<undefined>();
    });
  });

  it('the types of the client check the named methods', () => {
    neverCalled(({ messages }) => [
      // @ts-expect-error `content` is missing
      messages.send({ to: '+14155550100' }),
      messages.send({ to: '+14155550100', media_url: 'https://example.com/a.png' }),
      // @ts-expect-error there is no such field
      messages.send({ to: '+14155550100', content: 'Hi', title: 'Hi' }),
      // @ts-expect-error there is no such status
      messages.waitUntil('msg_1', 'lost'),
      // @ts-expect-error `cursor` is a string
      messages.all({ cursor: 1 }),
      // @ts-expect-error the key is missing
      createHoming({ url: 'http://127.0.0.1:8080' }),
    ]);
    neverCalled(({ messages, conversations }) => [
      messages.send({ to: ['+14155550100', '+14155550101'], content: 'Hi', effect: 'confetti' }),
      messages.send({ conversation_id: 'conv_1', media_urls: ['https://example.com/a.png'] }),
      // @ts-expect-error the text or a file is missing
      messages.send({ conversation_id: 'conv_1' }),
      // @ts-expect-error the reaction is missing
      messages.react('msg_1'),
      // @ts-expect-error there is no such state
      conversations.setTyping('conv_1', 'begin'),
      // @ts-expect-error the participants are missing
      conversations.createGroup({ phone_number: '+14155550100' }),
    ]);
    neverCalled(async ({ messages, conversations }) => {
      expectTypeOf(await messages.react('msg_1', 'love')).toEqualTypeOf<QueuedReaction>();
      expectTypeOf(await messages.unsend('msg_1')).toEqualTypeOf<Action>();
      expectTypeOf(await conversations.leave('conv_1')).toEqualTypeOf<Action | Conversation>();
      expectTypeOf(conversations.all()).toEqualTypeOf<AsyncGenerator<Conversation, void, undefined>>();
    });
    neverCalled(async ({ messages, webhooks }) => {
      expectTypeOf(await messages.get('msg_1')).toEqualTypeOf<MessageDetail>();
      expectTypeOf(messages.all()).toEqualTypeOf<AsyncGenerator<Message, void, undefined>>();
      expectTypeOf(await webhooks.verify('', {}, '')).toEqualTypeOf<WebhookEvent>();
    });
    expectTypeOf<HomingApiError['retryAfterSeconds']>().toEqualTypeOf<number | undefined>();
  });
});
