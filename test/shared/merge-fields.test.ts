/** Tests merge fields: plain names are replaced, and templates compute nothing. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fieldsIn, mergeFields } from '../../shared/merge-fields.ts';

const FIELDS = new Map([
  ['contact.first_name', 'Ada <b> & "co"'],
  ['contact.custom.calendly', '{{user.name}}'],
  ['contact.custom.two words', 'both'],
  ['user.name', 'Grace'],
]);
const merge = (text: string) => mergeFields(text, FIELDS);

describe('a merge field', () => {
  it.each([
    ['Hi {{contact.first_name}}!', 'Hi Ada <b> & "co"!'],
    [
      '{{{contact.first_name}}} {{&contact.first_name}} {{ user.name }}',
      'Ada <b> & "co" Ada <b> & "co" Grace',
    ],
    ['{{contact.custom.two words}}', 'both'],
    ['{{user.name}}{{user.name}}', 'GraceGrace'],
    ['{{{{user.name}}}}', '{Grace}'],
  ])('in %j is replaced by its unescaped value', (text, merged) => {
    expect(merge(text)).toBe(merged);
  });

  it('with an unknown name is replaced by an empty string', () => {
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

  it('inside a value is not replaced', () => {
    expect(merge('{{contact.custom.calendly}}')).toBe('{{user.name}}');
  });
});

describe('a tag that is not a plain name', () => {
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
  ])('stays unchanged: %s', (text) => {
    expect(merge(text)).toBe(text);
  });
});

describe('mergeFields', () => {
  const tag = fc.oneof(
    fc.constantFrom('{{', '}}', '{', '}', '{{{', '#', '/', '>', '=', '&', '^', '!', '.', ' ', 'user.name'),
    fc.string({ unit: 'binary' }),
  );

  it('never throws, and returns texts without two braces unchanged', () => {
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

  it('replaces every field that fieldsIn returns', () => {
    fc.assert(
      fc.property(fc.array(tag), (parts) => {
        const text = parts.join('');
        const names = fieldsIn(text);
        const replaced = mergeFields(text, new Map(names.map((name) => [name, '¶'])));
        expect(replaced.includes('¶')).toBe(names.length > 0 || text.includes('¶'));
      }),
      { numRuns: 2_000 },
    );
  });
});
