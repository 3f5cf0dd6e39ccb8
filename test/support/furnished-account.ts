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
  await requestOk('POST', '/v1/messages/send', scheduled);
  await requestOk('POST', '/v1/messages/send', { to: '+15005550014', content: `${mark} hello` });
  await requestOk('POST', '/api/v1/messages', { phone_number: '+15005550010', body: `${mark} textree` });
  const contact = { phone_number: '+15005550012', name: `${mark} name`, custom_fields: { note: mark } };
  await requestOk('POST', '/api/v1/contacts', contact);
  const hook = { url: `https://${mark}.example.com/hook`, events: ['message.sent'] };
  await requestOk('POST', '/api/v1/webhooks', hook);
  await requestOk('POST', '/v1/webhooks', { ...hook, url: `https://${mark}.example.com/texting-blue` });
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
  await requestOk('GET', `/${account}/whatsapp_templates`);
  await requestOk('GET', '/v1/numbers');
  await until(
    'the echo',
    async () => (await all.call(key, 'GET', '/v1/messages?direction=inbound')).body.messages[0],
  );
  await requestOk('GET', '/v1/messages');
  await requestOk('GET', `/numbers/${numbers[0].id}/texts`);
  await requestOk('GET', `/numbers/${numbers[0].id}/texts/conversations`);
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
  const ids: Record<string, string> = {
    ...{
      '/v1/messages': sent.id,
      '/v1/webhooks': hook,
      '/api/v1/messages': sent.id,
      '/api/v1/webhooks': otherHook,
    },
    '/v1/numbers': (await get('/v1/numbers')).numbers[0].id,
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
    text_id: (await get(`/api/v1/phone/numbers/${number}/texts`))[0].id,
  };

  return ({ name, path, params }: DocumentedOperation, sample: string): string => {
    const [before = ''] = path.split('/{id}');
    // A delivered message cannot be cancelled.
    const id = name === 'texting-blue.cancelMessage' ? scheduled.id : ids[before];
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
      .replaceAll('+14155550199', ownNumber);
  };
}
