/** Fills a sandbox account with data, for tests that call every operation. */
import { expect } from 'vitest';
import { type AllApis, type Called, callerOf, idsIn } from './all-apis.ts';
import type { DocumentedOperation } from './documented-operations.ts';
import { until } from './until.ts';

/** Creates resources of every kind and returns their ids. */
export async function furnish(
  all: Pick<AllApis, 'call'>,
  key: string,
  mark: string,
  account: string,
  now = Date.now(),
): Promise<string[]> {
  const seen: Called[] = [];
  const requestOk = async (method: string, path: string, body?: unknown) => {
    const response = await all.call(key, method, path, body);
    expect(response.status, `${method} ${path}: ${response.text}`).toBeLessThan(300);
    seen.push(response);
    return response;
  };
  const later = new Date(now + 86_400_000).toISOString();
  const scheduled = { to: '+15005550010', content: `${mark} later`, send_at: later };
  const { body: waiting } = await requestOk('POST', '/v1/messages/send', scheduled);
  await requestOk('POST', `/v1/messages/${waiting.id}/reactions`, { reaction: 'like' });
  const group = { phone_number: '+15005550006', participants: ['+15005550014', '+15005550010'], name: mark };
  await requestOk('POST', '/v1/conversations', group);
  const { body: hello } = await requestOk('POST', '/v1/messages/send', {
    to: '+15005550014',
    content: `${mark} hello`,
  });
  const inGroup = { to: ['+15005550010', '+15005550012'], content: `${mark} everybody` };
  await requestOk('POST', '/v1/messages/send', inGroup);
  await requestOk('POST', '/api/v1/messages', { phone_number: '+15005550010', body: `${mark} textree` });
  const contact = { phone_number: '+15005550012', name: `${mark} name`, custom_fields: { note: mark } };
  await requestOk('POST', '/api/v1/contacts', contact);
  const hook = { url: `https://${mark}.example.com/hook`, events: ['message.sent'] };
  await requestOk('POST', '/api/v1/webhooks', hook);
  await requestOk('POST', '/v1/webhooks', { ...hook, url: `https://${mark}.example.com/texting-blue` });
  await requestOk('POST', '/api/v1/webhooks/subscriptions', {
    url: `https://${mark}.example.com/inkbox`,
    event_types: ['imessage.sent'],
    agent_identity_id: '019fb2b9-3a5d-7e4e-b36a-3f73d2b6c1a8',
  });
  const { body: numbers } = await requestOk('GET', '/numbers');
  await requestOk('POST', `/numbers/${numbers[0].id}/texts`, { to: '+15005550010', text: `${mark} inkbox` });
  const { body: sent } = await requestOk('POST', `/${account}/messages`, {
    to: '+15005550010',
    body: `${mark} textus`,
  });
  await requestOk('POST', `${sent.sender}/saved_replies`, { title: mark, body: `${mark} reply` });
  await requestOk('POST', `/${account}/integrations`, {
    provider: 'webhook',
    config: { baseUrl: `https://${mark}.example.com/textus` },
  });
  await requestOk('POST', '/v1/opt-outs', { recipient: '+14155550100', reason: mark });
  await requestOk('POST', '/v1/sender-rules', { handle: '+14155550177', action: 'block' });
  await requestOk('GET', `/${account}/whatsapp_templates`);
  await requestOk('GET', '/v1/numbers');
  await until(
    'the echo',
    async () => (await all.call(key, 'GET', '/v1/messages?direction=inbound')).body.messages[0],
  );
  await requestOk('POST', `/v1/messages/${hello.id}/reactions`, { reaction: 'love' });
  await until(
    'the reaction',
    async () =>
      (await all.call(key, 'GET', `/v1/messages/${hello.id}`)).body.reactions.length === 1 || undefined,
  );
  await requestOk('GET', '/v1/messages');
  await requestOk('GET', '/v1/conversations');
  await requestOk('GET', `/numbers/${numbers[0].id}/texts`);
  await requestOk('GET', `/numbers/${numbers[0].id}/texts/conversations`);
  await requestOk('GET', '/api/v1/imessage/messages?include_groups=true');
  await requestOk('POST', '/api/v1/imessage/identities/default/contact-rules', {
    ...{ action: 'block', match_target: '+14155550105' },
  });
  await requestOk('GET', '/api/v1/imessage/conversations?include_groups=true');
  await requestOk('GET', '/api/v1/webhooks/deliveries');
  await requestOk('GET', `/${account}/conversations`);
  return [...new Set(seen.flatMap(({ body }) => idsIn(body)))];
}

/** Fills the parameters of a path with all combinations of the values. */
export function fillPath(path: string, values: Readonly<Record<string, readonly string[]>>): string[] {
  const names = [...path.matchAll(/:(\w+)/g)].map((match) => match[1]!);
  let paths = [path];
  for (const name of names) {
    const choices = values[name] ?? values.id!;
    paths = paths.flatMap((one) => choices.map((value) => one.replace(`:${name}`, value)));
  }
  return paths;
}

/** Returns the ids of messages, groups and actions that `furnish` has created, when they are delivered. */
async function richResources(
  // biome-ignore lint/suspicious/noExplicitAny: the tests read any part of the response
  get: (path: string) => Promise<any>,
  call: AllApis['call'],
  key: string,
  scheduledId: string,
) {
  type Row = { id: string; content: string; status: string; conversation_id: string };
  const named = (word: string) =>
    until(`${word} to be delivered`, async () => {
      const { messages } = await get('/v1/messages?status=delivered');
      return (messages as Row[]).find(({ content }) => content.endsWith(word));
    });
  const [hello, everybody] = [await named('hello'), await named('everybody')];
  const { body: reaction } = await call(key, 'POST', `/v1/messages/${scheduledId}/reactions`, {
    reaction: 'love',
  });
  const { reactions } = await get(`/v1/messages/${hello.id}`);
  return {
    ...{ hello: hello.id, everybody: everybody.id, group: everybody.conversation_id },
    ...{ reaction: reactions[0].id as string, waitingAction: reaction.action_id as string },
    newGroup: (await call(key, 'POST', '/v1/conversations', NEW_GROUP)).body.id as string,
  };
}

const NEW_GROUP = {
  phone_number: '+15005550006',
  participants: ['+15005550014', '+15005550015', '+15005550012'],
};

export interface FurnishedOptions {
  url: string;
  /** Server of the attachment. */
  filesUrl: string;
  account: string;
  key: string;
  /** E.164; the number that the samples register. Numbers belong to one account. */
  ownNumber: string;
  call?: AllApis['call'];
  /** Time of the broker's clock, epoch ms. */
  now?: number;
}

/** Furnishes an account, and returns a function that replaces the ids of a sample with ids of the account. */
export async function furnishForSamples({
  url,
  filesUrl,
  account,
  key,
  ownNumber,
  call = callerOf(url),
  now = Date.now(),
}: FurnishedOptions): Promise<(operation: DocumentedOperation, sample: string) => string> {
  const get = async (path: string) => (await call(key, 'GET', path)).body;
  await furnish({ call }, key, 'shop', account, now);
  const picture = { to: '+15005550010', content: 'Look', media_url: `${filesUrl}/a.png` };
  const { body: sent } = await call(key, 'POST', '/v1/messages/send', picture);
  await call(key, 'POST', `/${account}/messages`, { to: '+15005550014', body: 'Dinner on Friday?' });
  const [scheduled] = (await get('/v1/messages/scheduled')).messages;
  const ofSandbox = await richResources(get, call, key, scheduled.id);
  const bare = sent.id.slice('msg_'.length);
  const attachment = await until(
    'the attachment',
    async () => (await get(`/messages/${bare}/attachments`)).members[0],
  );
  const link = JSON.stringify(await get(attachment.id)).match(/\/media\/[^"]+/)![0];

  const first = async (path: string) => (await get(path)).members[0].id.split('/').at(-1) as string;
  const number = (await get('/api/v1/phone/numbers'))[0].id;
  const user = await first(`/${account}/users`);
  const hook = (await get('/v1/webhooks')).webhooks[0].id;
  const otherHook = (await get('/api/v1/webhooks')).webhooks.find(({ id }: { id: string }) => id !== hook).id;
  const event = await until(
    'a delivery',
    async () => (await get(`/v1/webhooks/${hook}/deliveries`)).deliveries[0]?.event_id,
  );
  const template = await first(`/${account}/whatsapp_templates`);
  const imessages = await get('/api/v1/imessage/messages?include_groups=true');
  const { subscriptions } = await get('/api/v1/webhooks/subscriptions');
  const { deliveries } = await get('/api/v1/webhooks/deliveries');
  // The samples of /v1 delete the first rule.
  const contactRules = await get('/api/v1/imessage/contact-rules');
  const ids: Record<string, string> = {
    ...{
      '/v1/messages': sent.id,
      '/v1/conversations': ofSandbox.newGroup,
      '/v1/actions': ofSandbox.waitingAction,
      '/v1/webhooks': hook,
      '/api/v1/messages': sent.id,
      '/api/v1/webhooks': otherHook,
    },
    '/v1/numbers': (await get('/v1/numbers')).numbers[0].id,
    '/v1/sender-rules': (await get('/v1/sender-rules')).sender_rules[0].id,
    '/api/v1/imessage/identities/{handle}/contact-rules': contactRules.at(-1).id,
    '/api/v1/webhooks/subscriptions': subscriptions[0].id,
    '/api/v1/webhooks/deliveries': deliveries[0].id,
    '/api/v1/imessage/conversations': imessages[0].conversation_id,
    '/api/v1/contacts': (await get('/api/v1/contacts')).contacts[0].id,
    ...{ '/api/v1/phone/numbers': number, '/messages': bare, '/users': user },
    '/attachments': attachment.id.split('/').at(-1),
    '/conversations': await first(`/${account}/conversations`),
    '/contacts': await first(`/${account}/contacts`),
    '/saved_replies': await first(`/users/${user}/saved_replies`),
    '/integrations': await first(`/${account}/integrations`),
    '/whatsapp_templates': template,
  };
  const values: Record<string, string> = {
    ...{ account, slug: account, remote_number: '+15005550014', file: 'Message.jsonld' },
    reaction_id: ofSandbox.reaction,
    text_id: (await get(`/api/v1/phone/numbers/${number}/texts`))[0].id,
  };

  const special: Record<string, string> = {
    // A delivered message cannot be cancelled, and an unsent one not be edited.
    'texting-blue.cancelMessage': scheduled.id,
    'texting-blue.editMessage': ofSandbox.hello,
    'texting-blue.removeReaction': ofSandbox.hello,
    'texting-blue.unsendMessage': ofSandbox.everybody,
    // A group without a message does not exist in Messages.
    'texting-blue.leaveGroup': ofSandbox.group,
  };

  return ({ name, path, params }: DocumentedOperation, sample: string): string => {
    const [before = ''] = path.split('/{id}');
    const id = special[name] ?? ids[before];
    const fillIn = (of: (name: string) => string | undefined) =>
      path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
        encodeURIComponent(of(name) ?? `no ${name} for ${path}`),
      );
    const example = fillIn((name) => params[name]);
    expect(sample).toContain(url + example);
    if (path === '/media/{id}') return sample.replace(/\/media\/[^'"]+/, link);
    return sample
      .replace(url + example, url + fillIn((name) => (name === 'id' ? id : (values[name] ?? params[name]))))
      .replaceAll(/evt_\w{26}/g, event)
      .replaceAll('019fb2b9-3a5d-7e4e-b36a-3f73d2b6c1a5', imessages[0].conversation_id)
      .replaceAll('019fb2b9-5c8f-7b21-9d0e-6f1f0f6a2b34', imessages[0].id)
      .replaceAll('+14155550199', ownNumber);
  };
}
