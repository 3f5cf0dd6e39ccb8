/** Describes the webhook events of an API: headers, fields and an example of each event. */
import type { ApiDescription } from '../../http/operation.ts';
import type { JsonObject } from '../openapi/json-schemas.ts';
import { webhookName } from '../openapi/webhook-objects.ts';
import { fieldsOf, fieldTable } from './fields.ts';
import { code, codeBlock, prose, sentence, table } from './prose.ts';

interface WebhookObject {
  post: { requestBody: { content: Record<string, { schema: JsonObject }> } };
}

/** `objects`: the `webhooks` of the OpenAPI document. */
export function webhookSection(
  { name, webhooks = [] }: ApiDescription,
  objects: Record<string, JsonObject>,
  schemas: JsonObject,
): string[] {
  const [first] = webhooks;
  if (first === undefined) return [];
  const described = webhooks.map((webhook) => {
    const { post } = objects[webhookName(name, webhook.event)] as unknown as WebhookObject;
    const fields = fieldsOf(post.requestBody.content['application/json']?.schema ?? {}, schemas);
    return { ...webhook, fields: fieldTable(fields, false) };
  });
  return [
    '## Webhook events',
    'The broker sends each event by `POST` with a JSON body and these headers. A delivery without a 2xx response within ' +
      '10 seconds is retried. [Receive messages](../guides/receive.md) shows how to verify the signature.',
    table(
      ['header', 'description'],
      Object.entries(first.headers).map(([header, description]) => [code(header), prose(description)]),
    ),
    ...described.flatMap(({ event, summary, fields, example }) => [
      `### ${event}`,
      sentence(prose(summary)),
      fields,
      'Example:',
      codeBlock('json', JSON.stringify(example, null, 2)),
    ]),
  ];
}
