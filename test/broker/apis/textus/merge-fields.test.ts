/** Fields in a text: what is filled in, and that nothing is ever computed. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fieldsIn, mergeFields } from '../../../../broker/apis/textus/merge-fields.ts';

const FIELDS = new Map([
  ['contact.first_name', 'Ada <b> & "co"'],
  ['contact.custom.calendly', '{{user.name}}'],
  ['contact.custom.two words', 'both'],
  ['user.name', 'Grace'],
]);
const merge = (text: string) => mergeFields(text, FIELDS);

describe('a field', () => {
  it.each([
    ['Hi {{contact.first_name}}!', 'Hi Ada <b> & "co"!'],
    [
      '{{{contact.first_name}}} {{&contact.first_name}} {{ user.name }}',
      'Ada <b> & "co" Ada <b> & "co" Grace',
    ],
    ['{{contact.custom.two words}}', 'both'],
    ['{{user.name}}{{user.name}}', 'GraceGrace'],
    ['{{{{user.name}}}}', '{Grace}'],
  ])('in %j is filled in as it is', (text, merged) => {
    expect(merge(text)).toBe(merged);
  });

  it('that is not known becomes nothing', () => {
    for (const name of [
      'contact.last_name',
      'contact',
      'user',
      '__proto__',
      'constructor',
      'contact.toString',
    ]) {
      expect(merge(`[{{${name}}}]`)).toBe('[]');
    }
  });

  it('that was filled in is not looked at again', () => {
    expect(merge('{{contact.custom.calendly}}')).toBe('{{user.name}}');
  });
});

describe('what is no plain name', () => {
  it.each([
    '{{#user.name}}x{{/user.name}}',
    '{{^user.name}}x{{/user.name}}',
    '{{> user.name}}',
    '{{! user.name }}',
    '{{=<% %>=}} <% user.name %>',
    '{{user.name',
    'user.name}}',
    '{{}} {{ }} {{.}} {{..}} {{user.}}',
    '{{user.name()}} {{user["name"]}} {{1+1}} {{hello there}}',
    '{user.name} [user.name] <%= user.name %>',
  ])('stays as it was written: %s', (text) => {
    expect(merge(text)).toBe(text);
  });
});

describe('merging', () => {
  const tag = fc.oneof(
    fc.constantFrom('{{', '}}', '{', '}', '{{{', '#', '/', '>', '=', '&', '^', '!', '.', ' ', 'user.name'),
    fc.string({ unit: 'binary' }),
  );

  it('never fails, and changes nothing where there are no two braces', () => {
    fc.assert(
      fc.property(fc.array(tag), (parts) => {
        const text = parts.join('');
        const merged = merge(text);
        expect(typeof merged).toBe('string');
        if (!text.includes('{{')) expect(merged).toBe(text);
      }),
      { numRuns: 2_000 },
    );
  });

  it('fills in every field that it finds', () => {
    fc.assert(
      fc.property(fc.array(tag), (parts) => {
        const text = parts.join('');
        const names = fieldsIn(text);
        const filled = mergeFields(text, new Map(names.map((name) => [name, '¶'])));
        expect(filled.includes('¶')).toBe(names.length > 0 || text.includes('¶'));
      }),
      { numRuns: 2_000 },
    );
  });
});
