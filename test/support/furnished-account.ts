/** An account of the sandbox with something in it, for tests that go through every operation. */
import { expect } from 'vitest';
import { type AllApis, type Called, idsIn } from './all-apis.ts';
import { until } from './until.ts';

/** Something of every kind that an account can have. */
export async function furnish(
  all: Pick<AllApis, 'call'>,
  key: string,
  mark: string,
  account: string,
): Promise<string[]> {
  const seen: Called[] = [];
  const must = async (method: string, path: string, body?: unknown) => {
    const answer = await all.call(key, method, path, body);
    expect(answer.status, `${method} ${path}: ${answer.text}`).toBeLessThan(300);
    seen.push(answer);
    return answer;
  };
  await must('POST', '/v1/messages/send', { to: '+15005550014', content: `${mark} hello` });
  await must('POST', '/api/v1/messages', { phone_number: '+15005550010', body: `${mark} textree` });
  const contact = { phone_number: '+15005550012', name: `${mark} name`, custom_fields: { note: mark } };
  await must('POST', '/api/v1/contacts', contact);
  const hook = { url: `https://${mark}.example.com/hook`, events: ['message.sent'] };
  await must('POST', '/api/v1/webhooks', hook);
  await must('POST', '/v1/webhooks', { ...hook, url: `https://${mark}.example.com/texting-blue` });
  const { body: numbers } = await must('GET', '/numbers');
  await must('POST', `/numbers/${numbers[0].id}/texts`, { to: '+15005550010', text: `${mark} inkbox` });
  const { body: sent } = await must('POST', `/${account}/messages`, {
    to: '+15005550010',
    body: `${mark} textus`,
  });
  await must('POST', `${sent.sender}/saved_replies`, { title: mark, body: `${mark} reply` });
  await must('POST', `/${account}/integrations`, {
    provider: 'webhook',
    config: { baseUrl: `https://${mark}.example.com/textus` },
  });
  await must('GET', `/${account}/whatsapp_templates`);
  await must('GET', '/v1/numbers');
  await until(
    'the echo',
    async () => (await all.call(key, 'GET', '/v1/messages?direction=inbound')).body.messages[0],
  );
  await must('GET', '/v1/messages');
  await must('GET', `/numbers/${numbers[0].id}/texts`);
  await must('GET', `/numbers/${numbers[0].id}/texts/conversations`);
  await must('GET', `/${account}/conversations`);
  return [...new Set(seen.flatMap(({ body }) => idsIn(body)))];
}

/** The path with its parameters filled in, in every combination that the values give, up to some. */
export function fillPath(path: string, values: Readonly<Record<string, readonly string[]>>): string[] {
  const names = [...path.matchAll(/:(\w+)/g)].map((match) => match[1]!);
  let paths = [path];
  for (const name of names) {
    const choices = values[name] ?? values.id!;
    paths = paths.flatMap((one) => choices.map((value) => one.replace(`:${name}`, value)));
  }
  return paths;
}
