import { describe, expect, it } from 'vitest';
import { positionalSql, positionalValues } from '../../../broker/store/named-parameters.ts';

describe('named SQL parameters', () => {
  const statement = positionalSql('UPDATE t SET a = @a, b = @b WHERE a <> @a AND id = @id');

  it('are translated to one ? for each use, in the order of the text', () => {
    expect(statement).toEqual({
      text: 'UPDATE t SET a = ?, b = ? WHERE a <> ? AND id = ?',
      names: ['a', 'b', 'a', 'id'],
    });
    expect(positionalValues(statement, [{ id: 7, b: null, a: 'x', unused: 1 }])).toEqual(['x', null, 'x', 7]);
  });

  it('without a value are rejected', () => {
    expect(() => positionalValues(statement, [{ id: 7, a: 'x' }])).toThrow(
      'The SQL parameter @b has no value.',
    );
    expect(() => positionalValues(statement, [{ id: 7, a: 'x', b: undefined }])).toThrow(
      'The SQL parameter @b has no value.',
    );
  });

  it('leave a statement with positional parameters unchanged', () => {
    const positional = positionalSql('SELECT * FROM t WHERE a = ? AND b = ?');
    expect(positional).toEqual({ text: 'SELECT * FROM t WHERE a = ? AND b = ?', names: undefined });
    expect(positionalValues(positional, ['x', 7])).toEqual(['x', 7]);
  });
});
