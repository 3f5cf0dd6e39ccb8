/** Whatever a text holds, each language reads out of its sample what was put in. Asked are the languages themselves. */
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { curlSample, shellWord } from '../../../../../broker/apis/docs/samples/curl.ts';
import { elixirLiteral, elixirSample } from '../../../../../broker/apis/docs/samples/elixir.ts';
import { javascriptLiteral } from '../../../../../broker/apis/docs/samples/javascript.ts';
import { phpLiteral } from '../../../../../broker/apis/docs/samples/php.ts';
import { pythonLiteral } from '../../../../../broker/apis/docs/samples/python.ts';
import { type SampleRequest, sampleRequest } from '../../../../../broker/apis/docs/samples/sample-request.ts';

/** Full of what means something to some language. */
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
/** Many at once, since a process is started for each try. */
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

/** JSON has no -0, and its texts no half characters. */
function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

describe('what a sample says', () => {
  it('is read by sh as it was meant', () => {
    const noNul = text.map((value) => value.replaceAll('\0', ''));
    fc.assert(
      fc.property(many(noNul), (texts) => {
        const script = texts.map((one) => `printf '%s\\0' ${shellWord(one)}`).join('\n');
        expect(run('sh', [], script).split('\0').slice(0, -1)).toEqual(texts);
      }),
      TRIES,
    );
  });

  it('is read by Node as it was meant', () => {
    fc.assert(
      fc.property(many(json), (values) => {
        const script = `console.log(JSON.stringify(${javascriptLiteral(values)}));`;
        expect(JSON.parse(run(process.execPath, ['--input-type=module'], script))).toEqual(asJson(values));
      }),
      TRIES,
    );
  });

  it.skipIf(spawnSync('python3', ['--version']).status !== 0)('is read by Python as it was meant', () => {
    fc.assert(
      fc.property(many(json), (values) => {
        const script = `import json\nprint(json.dumps(${pythonLiteral(values)}))`;
        expect(JSON.parse(run('python3', ['-X', 'utf8', '-'], script))).toEqual(asJson(values));
      }),
      TRIES,
    );
  });

  it('has nothing in it that Elixir would run, nor what it refuses in a source', () => {
    const literal = elixirLiteral({ text: 'a "quote", \\, #{run}, $x, 😀\n\u202e', none: null });
    expect(literal).toBe('%{"text" => "a \\"quote\\", \\\\, \\#{run}, $x, 😀\\n\\u{202e}", "none" => nil}');
    fc.assert(
      fc.property(text, (one) => {
        expect(elixirLiteral(one)).toMatch(/^"(?:[^"\\\p{C}#]|#(?!\{)|\\["\\#n]|\\u\{[0-9a-f]+\})*"$/u);
      }),
    );
  });

  it('is a text to PHP with nothing left to read in it; objects stay objects', () => {
    expect(phpLiteral({ text: "it's $x \\ 😀", none: null })).toBe(
      "['text' => 'it\\'s $x \\\\ 😀', 'none' => null]",
    );
    expect(phpLiteral({ empty: {}, list: [], numbered: { 0: 'a' } })).toBe(
      "['empty' => (object) [], 'list' => [], 'numbered' => (object) ['0' => 'a']]",
    );
    fc.assert(
      fc.property(text, (one) => {
        expect(phpLiteral(one)).toMatch(/^'(?:[^'\\]|\\['\\])*'$/);
      }),
    );
  });
});

describe('a request', () => {
  const operation = { method: 'GET', path: '/things/:id', permission: 'things:read', answers: {} } as const;
  const example = { params: { id: 'a/b ü' }, query: { q: '"a b"&c' } };

  it('has its example in its address, and the key where the API looks for it', () => {
    expect(sampleRequest({ keysIn: ['bearer'] }, operation, example, 'https://homing.test')).toEqual({
      method: 'GET',
      url: 'https://homing.test/things/a%2Fb%20%C3%BC?q=%22a+b%22%26c',
      key: { header: 'authorization', prefix: 'Bearer ' },
      body: undefined,
    });
    const open = sampleRequest(
      { keysIn: ['bearer'] },
      { method: 'GET', path: '/', answers: {} },
      undefined,
      '',
    );
    expect(open.key).toBeUndefined();
  });

  it('to an address in brackets is no pattern to curl', () => {
    const request: SampleRequest = {
      method: 'GET',
      url: 'http://[::1]:8080/',
      key: undefined,
      body: undefined,
    };
    expect(curlSample(request)).toBe("curl -sS -g 'http://[::1]:8080/'");
  });

  it('is written out in Elixir with what it needs', () => {
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
