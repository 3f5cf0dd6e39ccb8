/** Writes a request as an ES module for Node 18 or later, without dependencies. */
import { type LiteralStyle, literal } from './literal.ts';
import { KEY_VARIABLE, type SampleRequest } from './sample-request.ts';

const STYLE: LiteralStyle = {
  text: textLiteral,
  words: { null: 'null', true: 'true', false: 'false' },
  list: { open: '[', close: ']', hasLastComma: true },
  object: () => ({ open: '{', close: '}', gap: ' ', hasLastComma: true }),
  pair: (key, value) => `${keyLiteral(key)}: ${value}`,
  step: '  ',
};

export function javascriptSample({ method, url, key, body, file, savesAs }: SampleRequest): string {
  const headers: string[] = [];
  if (key !== undefined) {
    const secret = `process.env.${KEY_VARIABLE}`;
    headers.push(
      `${keyLiteral(key.header)}: ${key.prefix === '' ? secret : `\`${key.prefix}\${${secret}}\``}`,
    );
  }
  if (body !== undefined) headers.push("'content-type': 'application/json'");
  const options = [
    ...(method === 'GET' ? [] : [`  method: '${method}',`]),
    ...(headers.length === 0 ? [] : [`  headers: { ${headers.join(', ')} },`]),
    ...(body === undefined ? [] : [`  body: JSON.stringify(${javascriptLiteral(body, '  ')}),`]),
    ...(file === undefined ? [] : ['  body: form,']),
  ];
  return [
    ...(savesAs === undefined ? [] : ["import { writeFile } from 'node:fs/promises';", '']),
    ...(file === undefined ? [] : formLines(file)),
    options.length === 0
      ? `const response = await fetch(${textLiteral(url)});`
      : [`const response = await fetch(${textLiteral(url)}, {`, ...options, '});'].join('\n'),
    ...(savesAs === undefined
      ? ['console.log(response.status, await response.text());']
      : [
          `await writeFile(${textLiteral(savesAs)}, Buffer.from(await response.arrayBuffer()));`,
          'console.log(response.status);',
        ]),
  ].join('\n');
}

function formLines({ field, name, type }: NonNullable<SampleRequest['file']>): string[] {
  return [
    "import { readFile } from 'node:fs/promises';",
    '',
    'const form = new FormData();',
    `const file = new Blob([await readFile(${textLiteral(name)})], { type: ${textLiteral(type)} });`,
    `form.append(${textLiteral(field)}, file, ${textLiteral(name)});`,
  ];
}

export function javascriptLiteral(value: unknown, indent = ''): string {
  return literal(value, STYLE, indent);
}

function textLiteral(text: string): string {
  return /['\\\p{C}\u2028\u2029]/u.test(text) ? JSON.stringify(text) : `'${text}'`;
}

function keyLiteral(key: string): string {
  // An unquoted `__proto__` would set the prototype.
  if (key === '__proto__') return "['__proto__']";
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : textLiteral(key);
}
