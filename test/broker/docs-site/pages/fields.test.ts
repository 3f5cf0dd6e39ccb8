/** Tests how the fields of JSON schemas become table rows. */
import { expect, it } from 'vitest';
import { fieldsOf, typeAndNotes } from '../../../../broker/docs-site/pages/fields.ts';

const rows = (schema: object, components = {}) =>
  fieldsOf(schema as Record<string, unknown>, components).map(({ name, type, isRequired, notes }) =>
    [name, type, isRequired ? 'required' : 'optional', notes].join(' | '),
  );

it('fieldsOf returns a row for every field at every depth', () => {
  const person = {
    type: 'object',
    description: 'Who.',
    properties: { name: { type: 'string', minLength: 1, maxLength: 9 }, 'a.b': { type: 'boolean' } },
    required: ['name'],
  };
  const schema = {
    type: 'object',
    properties: {
      owner: { $ref: '#/components/schemas/Person' },
      others: { type: 'array', minItems: 1, items: { $ref: '#/components/schemas/Person' } },
      notes: { type: 'object', additionalProperties: { type: ['string', 'null'], description: 'A note' } },
    },
    required: ['owner'],
  };
  expect(rows(schema, { Person: person })).toEqual([
    'owner | object | required | Who.',
    'owner.name | string | required | 1 to 9 characters.',
    'owner["a.b"] | boolean | optional | ',
    'others | list of object | optional | Who. At least 1 entries.',
    'others[].name | string | required | 1 to 9 characters.',
    'others[]["a.b"] | boolean | optional | ',
    'notes | object | optional | ',
    'notes.* | string or null | optional | A note.',
  ]);
});

it('fieldsOf returns the rows of every choice', () => {
  const schema = {
    anyOf: [
      { type: 'object', properties: { to: { type: 'string' }, one: { const: 1 } }, required: ['to', 'one'] },
      { type: 'object', properties: { to: { type: 'array', items: { type: 'string' } } }, required: ['to'] },
    ],
  };
  expect(rows(schema)).toEqual(['to | string or list of string | required | ', 'one | `1` | required | ']);
});

it('typeAndNotes describes the type and the limits of a value', () => {
  const said = (schema: object) =>
    Object.values(typeAndNotes(schema as Record<string, unknown>, {})).join(': ');
  expect(said({ type: 'string', enum: ['a', 'b'] })).toBe('string: One of `a`, `b`.');
  expect(said({ type: 'string', enum: ['a'] })).toBe('string: Always `a`.');
  expect(said({ type: 'integer', minimum: 1, maximum: 100, default: 20 })).toBe(
    'integer: 1 to 100. Default: `20`.',
  );
  expect(said({ type: 'string', pattern: '^a|b$' })).toBe('string: Pattern: `^a\\|b$`.');
  expect(said({ anyOf: [{ type: 'string', format: 'date-time' }, { type: 'null' }] })).toBe('time or null: ');
});

it('fieldsOf ends for a recursive schema', () => {
  const tree = { type: 'object', properties: { child: { $ref: '#/components/schemas/Tree' } } };
  expect(rows(tree, { Tree: tree }).length).toBeLessThan(10);
});
