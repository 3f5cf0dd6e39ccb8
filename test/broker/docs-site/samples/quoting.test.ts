/** Tests that each language reads the original value from its sample, with the interpreter or a parser of the language. */
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { parser as elixir } from 'lezer-elixir';
import { Engine } from 'php-parser';
import { describe, expect, it } from 'vitest';
import { curlSample, shellWord } from '../../../../broker/docs-site/samples/curl.ts';
import { elixirLiteral, elixirSample } from '../../../../broker/docs-site/samples/elixir.ts';
import { javascriptLiteral } from '../../../../broker/docs-site/samples/javascript.ts';
import { phpLiteral } from '../../../../broker/docs-site/samples/php.ts';
import { pythonLiteral } from '../../../../broker/docs-site/samples/python.ts';
import { type SampleRequest, sampleRequest } from '../../../../broker/docs-site/samples/sample-request.ts';

/** Texts with a meaning in one of the languages. */
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(
      fc.constantFrom(...`'"\\$#{}[]\`!%@&;|<>*?~ \n\r\t\u0001\u007f\u2028\u202e0a`, '😀', '#{', '$(', "'''"),
    )
    .map((signs) => signs.join('')),
);
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.constantFrom(null, true, false),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    text,
    fc.array(tie('value')),
    fc.dictionary(fc.oneof(text, fc.constantFrom('__proto__', '0', '1', 'constructor', '')), tie('value')),
  ),
})).value;
/** Many values at once, because each try starts a process. */
const many = <T>(one: fc.Arbitrary<T>) => fc.array(one, { minLength: 100, maxLength: 200, size: 'max' });
const TRIES = { numRuns: 4 };

function run(program: string, args: readonly string[], input: string): string {
  const { stdout, stderr, status } = spawnSync(program, args, {
    input,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return stdout;
}

const php = new Engine({ parser: { php7: true, version: '8.2' } });

/** Evaluates a PHP literal as json_encode would. */
// biome-ignore lint/suspicious/noExplicitAny: the parser's nodes have no common type
function phpValue(node: any): unknown {
  switch (node.kind) {
    case 'expressionstatement':
      return phpValue(node.expression.right);
    case 'string':
      return node.value;
    case 'number':
      return Number(node.value);
    case 'unary':
      return -Number(phpValue(node.what));
    case 'boolean':
      return node.value;
    case 'nullkeyword':
      return null;
    case 'cast':
      return Object.fromEntries(entriesOf(node.expr));
    case 'array': {
      const hasKeys = node.items.some(({ key }: { key: unknown }) => key !== null);
      return hasKeys
        ? Object.fromEntries(entriesOf(node))
        : node.items.map((item: { value: unknown }) => phpValue(item.value));
    }
    default:
      throw new Error(`A literal has no ${node.kind}.`);
  }
}

// biome-ignore lint/suspicious/noExplicitAny: as above
function entriesOf({ items }: any): [string, unknown][] {
  return items.map(({ key, value }: { key: unknown; value: unknown }) => [phpValue(key), phpValue(value)]);
}

/** JSON has no -0 and no unpaired surrogates. */
function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

describe('the value in a sample', () => {
  it('is read unchanged by sh', () => {
    const noNul = text.map((value) => value.replaceAll('\0', ''));
    fc.assert(
      fc.property(many(noNul), (texts) => {
        const script = texts.map((one) => `printf '%s\\0' ${shellWord(one)}`).join('\n');
        expect(run('sh', [], script).split('\0').slice(0, -1)).toEqual(texts);
      }),
      TRIES,
    );
  });

  it('is read unchanged by Node', () => {
    fc.assert(
      fc.property(many(json), (values) => {
        const script = `console.log(JSON.stringify(${javascriptLiteral(values)}));`;
        expect(JSON.parse(run(process.execPath, ['--input-type=module'], script))).toEqual(asJson(values));
      }),
      TRIES,
    );
  });

  it.skipIf(spawnSync('python3', ['--version']).status !== 0)('is read unchanged by Python', () => {
    fc.assert(
      fc.property(many(json), (values) => {
        const script = `import json\nprint(json.dumps(${pythonLiteral(values)}))`;
        expect(JSON.parse(run('python3', ['-X', 'utf8', '-'], script))).toEqual(asJson(values));
      }),
      TRIES,
    );
  });

  it('is read by a parser of Elixir as one value without interpolation', () => {
    const literal = elixirLiteral({ text: 'a "quote", \\, #{run}, $x, 😀\n\u202e', none: null });
    expect(literal).toBe('%{"text" => "a \\"quote\\", \\\\, \\#{run}, $x, 😀\\n\\u{202e}", "none" => nil}');
    fc.assert(
      fc.property(json, (value) => {
        const source = elixirLiteral(value);
        const found = new Set<string>();
        elixir.parse(source).iterate({
          enter: ({ type }) => void found.add(type.isError ? 'an error' : type.name),
        });
        expect(
          [...found].filter((name) => ['an error', 'Interpolation', 'Call', 'Comment'].includes(name)),
          source,
        ).toEqual([]);
      }),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(text, (one) => {
        expect(elixirLiteral(one)).toMatch(/^"(?:[^"\\\p{C}#]|#(?!\{)|\\["\\#n]|\\u\{[0-9a-f]+\})*"$/u);
      }),
    );
  });

  it('is read unchanged by a parser of PHP, with objects as objects', () => {
    expect(phpLiteral({ text: "it's $x \\ 😀", none: null })).toBe(
      "['text' => 'it\\'s $x \\\\ 😀', 'none' => null]",
    );
    expect(phpLiteral({ empty: {}, list: [], numbered: { 0: 'a' } })).toBe(
      "['empty' => (object) [], 'list' => [], 'numbered' => (object) ['0' => 'a']]",
    );
    fc.assert(
      fc.property(json, (value) => {
        expect(phpValue(php.parseEval(`$x = ${phpLiteral(value)};`).children[0])).toEqual(asJson(value));
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('the sample of a request', () => {
  const operation = { method: 'GET', path: '/things/:id', permission: 'things:read', responses: {} } as const;
  const example = { params: { id: 'a/b ü' }, query: { q: '"a b"&c' } };

  it('contains the example in its URL and the key in the header of the API', () => {
    expect(sampleRequest({ keysIn: ['bearer'] }, operation, example, 'https://homing.test')).toEqual({
      method: 'GET',
      url: 'https://homing.test/things/a%2Fb%20%C3%BC?q=%22a+b%22%26c',
      key: { header: 'authorization', prefix: 'Bearer ' },
      body: undefined,
    });
    const open = sampleRequest(
      { keysIn: ['bearer'] },
      { method: 'GET', path: '/', responses: {} },
      undefined,
      '',
    );
    expect(open.key).toBeUndefined();
  });

  it('disables curl patterns for a URL with brackets', () => {
    const request: SampleRequest = {
      method: 'GET',
      url: 'http://[::1]:8080/',
      key: undefined,
      body: undefined,
    };
    expect(curlSample(request)).toBe("curl -sS -g 'http://[::1]:8080/'");
  });

  it('installs its package in Elixir', () => {
    const request = sampleRequest(
      { keysIn: ['x-api-key'] },
      { ...operation, method: 'POST' },
      { body: { a: [1] } },
      '',
    );
    expect(elixirSample(request)).toMatchInlineSnapshot(`
      "Mix.install([{:req, "~> 0.5"}])

      response =
        Req.request!(
          method: :post,
          url: "/things/id",
          headers: [{"x-api-key", System.fetch_env!("HOMING_KEY")}],
          json: %{"a" => [1]}
        )

      IO.inspect({response.status, response.body})"
    `);
  });
});
