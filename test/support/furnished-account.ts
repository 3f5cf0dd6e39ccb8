/** Fills a sandbox account with data, for tests that call every operation. */
import { expect } from 'vitest';
import { type AllApis, type Called, idsIn } from './all-apis.ts';
import { until } from './until.ts';

/** Creates resources of every kind and returns their ids. */
export async function furnish(
  all: Pick<AllApis, 'call'>,
  key: string,
  mark: string,
  account: string,
): Promise<string[]> {
  const seen: Called[] = [];
  const requestOk = async (method: string, path: string, body?: unknown) => {
    const response = await all.call(key, method, path, body);
    expect(response.status, `${method} ${path}: ${response.text}`).toBeLessThan(300);
    seen.push(response);
    return response;
  };
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
