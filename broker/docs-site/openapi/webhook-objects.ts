/** Converts the events of an API to entries of `webhooks` in the OpenAPI document. */
import type { ApiDescription } from '../../http/operation.ts';
import type { JsonObject, JsonSchemas } from './json-schemas.ts';

export function webhookObjects(
  { name, webhooks = [] }: ApiDescription,
  schemas: JsonSchemas,
): Record<string, JsonObject> {
  return Object.fromEntries(
    webhooks.map(({ event, summary, headers, body, example }) => [
      webhookName(name, event),
      {
        post: {
          operationId: `${name.replaceAll('-', '_')}_event_${event.replaceAll('.', '_')}`,
          tags: [name],
          summary,
          description: `Delivered to webhooks that receive \`${event}\`. A delivery without a 2xx response within 10 seconds is retried.`,
          security: [],
          parameters: Object.entries(headers).map(([header, description]) => ({
            name: header,
            in: 'header',
            required: true,
            description,
            schema: { type: 'string' },
          })),
          requestBody: {
            required: true,
            content: { 'application/json': { schema: schemas.of(body, 'output', name), example } },
          },
          responses: { '2XX': { description: 'The receiver has the event.' } },
        },
      },
    ]),
  );
}

/** The name of an event in the document: event types are unique only within an API. */
export function webhookName(api: string, event: string): string {
  return `${api}.${event}`;
}
