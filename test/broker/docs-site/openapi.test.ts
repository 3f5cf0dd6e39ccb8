/** Tests the rules by which operations become an OpenAPI document. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openapiDocument } from '../../../broker/docs-site/openapi/document.ts';
import type { AnyApi, ApiDescription, Operation } from '../../../broker/http/operation.ts';

const description: ApiDescription = {
  name: 'post-office',
  title: 'Post office',
  summary: 'Letters.',
  keysIn: ['bearer', 'x-api-key'],
  contentType: 'application/letter+json',
  error: z.object({ why: z.string() }).meta({ title: 'Refusal' }),
  params: { id: 'Which letter.' },
};

function apiOf(...operations: Partial<Operation<undefined>>[]): AnyApi {
  return {
    name: 'post-office',
    description: description,
    authenticate: () => ({ caller: undefined, headers: {} }),
    mapError: () => ({ status: 400 }),
    operations: operations.map((operation) => ({
      ...{ id: 'read', method: 'GET', path: '/letters', summary: 'Read' },
      ...{ responses: { 200: { description: 'Read.' } }, handle: async () => ({ status: 200 }) },
      ...operation,
    })),
  };
}

// biome-ignore lint/suspicious/noExplicitAny: the tests read any field of it
function documentOf(...operations: Partial<Operation<undefined>>[]): any {
  const options = { publicUrl: 'https://homing.test', version: '1.2.3' };
  return JSON.parse(JSON.stringify(openapiDocument([apiOf(...operations)], options)));
}

const letter = z.object({ text: z.string() }).meta({ title: 'Letter' });

describe('the OpenAPI object of an operation', () => {
  it('requires no key and lists no key error if the operation has no permission', () => {
    expect(documentOf({}).paths['/letters'].get).toEqual({
      operationId: 'post_office_read',
      tags: ['post-office'],
      summary: 'Read',
      description: 'Requires no key.',
      security: [],
      responses: {
        200: { description: 'Read.' },
        default: { $ref: '#/components/responses/post-office.default' },
      },
    });
  });

  it('names the permission, every accepted key header and the shared errors', () => {
    const { paths, components } = documentOf({
      permission: 'letters:read',
      responses: { 200: { description: 'Read.' }, 403: { description: 'Not yours.' } },
    });
    const { description, security, responses, ...rest } = paths['/letters'].get;
    expect(description).toBe('Requires a key with the permission `letters:read`.');
    expect(rest['x-permission']).toBe('letters:read');
    expect(security).toEqual([{ bearer: [] }, { apiKey: [] }]);
    expect(Object.keys(responses)).toEqual(['200', '401', '403', '429', 'default']);
    expect(responses[403]).toEqual({
      description: 'Not yours.',
      content: {
        'application/letter+json': { schema: { $ref: '#/components/schemas/post-office.Refusal' } },
      },
    });
    expect(Object.keys(components.responses)).toEqual([
      'post-office.401',
      'post-office.429',
      'post-office.default',
    ]);
    expect(Object.keys(components.securitySchemes)).toEqual(['bearer', 'apiKey']);
  });

  it('lists the parameters of the path, the query and the headers', () => {
    const query = z.object({
      limit: z.string().regex(/^\d+$/).transform(Number).meta({ type: 'integer', description: 'How many.' }),
      unread: z.string().optional().meta({ type: 'boolean' }).describe('Only those.'),
    });
    const { paths } = documentOf({
      path: '/letters/:id',
      query,
      headers: { 'x-stamp': 'The stamp.' },
      example: { params: { id: '7' }, query: { limit: '20', unread: 'true' } },
    });
    expect(paths['/letters/{id}'].get.parameters).toEqual([
      {
        ...{ name: 'id', in: 'path', required: true, description: 'Which letter.' },
        ...{ schema: { type: 'string' }, example: '7' },
      },
      {
        ...{ name: 'limit', in: 'query', required: true, description: 'How many.' },
        ...{ schema: { type: 'integer' }, example: 20 },
      },
      {
        ...{ name: 'unread', in: 'query', required: false, description: 'Only those.' },
        ...{ schema: { type: 'boolean' }, example: true },
      },
      {
        ...{ name: 'x-stamp', in: 'header', required: false, description: 'The stamp.' },
        schema: { type: 'string' },
      },
    ]);
  });

  it('contains the body with its example, and the error for a body that is too large', () => {
    const { paths } = documentOf({ method: 'POST', body: letter, example: { body: { text: 'Hi' } } });
    expect(paths['/letters'].post.requestBody).toEqual({
      required: true,
      content: {
        'application/json': {
          schema: { $ref: '#/components/schemas/post-office.Letter' },
          example: { text: 'Hi' },
        },
      },
    });
    expect(Object.keys(paths['/letters'].post.responses)).toEqual(['200', '413', 'default']);
  });
});

describe('the component schema', () => {
  const answering = (schema: z.ZodType, id = 'read', path = '/letters') => ({
    ...{ id, path },
    responses: { 200: { description: 'Read.', schema } },
  });
  const shownOf = (schema: z.ZodType) =>
    documentOf(answering(schema)).paths['/letters'].get.responses[200].content['application/letter+json']
      .schema;

  it('of a schema with a title exists once and is referenced', () => {
    const { components, paths } = documentOf(
      answering(z.object({ letters: z.array(letter), title: z.string() })),
      answering(letter.nullable(), 'first', '/letters/first'),
    );
    const ref = { $ref: '#/components/schemas/post-office.Letter' };
    const first = paths['/letters/first'].get.responses[200].content['application/letter+json'].schema;
    expect(first).toEqual({ anyOf: [ref, { type: 'null' }] });
    expect(paths['/letters'].get.responses[200].content['application/letter+json'].schema.properties).toEqual(
      {
        letters: { type: 'array', items: ref },
        title: { type: 'string' },
      },
    );
    expect(components.schemas['post-office.Letter']).toEqual({
      ...{ title: 'Letter', type: 'object', required: ['text'] },
      properties: { text: { type: 'string' } },
    });
  });

  it('of another schema with the same title throws', () => {
    const other = z.object({ page: z.number() }).meta({ title: 'Letter' });
    expect(() => documentOf(answering(letter), answering(other, 'other', '/other'))).toThrow(
      'Two schemas have the title post-office.Letter.',
    );
  });

  it('omits redundant keywords', () => {
    expect(shownOf(z.iso.datetime())).toEqual({ type: 'string', format: 'date-time' });
    expect(shownOf(z.number().int().min(0))).toEqual({ type: 'integer', minimum: 0 });
    expect(shownOf(z.record(z.string(), z.boolean()))).toEqual({
      type: 'object',
      additionalProperties: { type: 'boolean' },
    });
    expect(shownOf(z.record(z.enum(['a', 'b']), z.boolean()))).toEqual({
      ...{ type: 'object', required: ['a', 'b'] },
      properties: { a: { type: 'boolean' }, b: { type: 'boolean' } },
    });
  });
});

it('the OpenAPI document omits an API without a description', () => {
  const { description: _, ...bare } = apiOf({});
  const { paths, tags } = openapiDocument([bare], { publicUrl: 'https://homing.test', version: '1' });
  expect([paths, tags]).toEqual([{}, []]);
});
