/** Writes a request with Req, which the script installs. */
import { type LiteralStyle, literal } from './literal.ts';
import { KEY_VARIABLE, type SampleRequest } from './sample-request.ts';

const STYLE: LiteralStyle = {
  text: textLiteral,
  // An Elixir float needs a fraction.
  number: (json) => json.replace(/^(-?\d+)e/, '$1.0e'),
  words: { null: 'nil', true: 'true', false: 'false' },
  list: { open: '[', close: ']' },
  object: () => ({ open: '%{', close: '}' }),
  pair: (key, value) => `${textLiteral(key)} => ${value}`,
  step: '  ',
};

export function elixirSample({ method, url, key, body, file, savesAs }: SampleRequest): string {
  const secret = `System.fetch_env!("${KEY_VARIABLE}")`;
  const options = [
    `method: :${method.toLowerCase()}`,
    `url: ${textLiteral(url)}`,
    ...(key === undefined
      ? []
      : [
          `headers: [{"${key.header}", ${key.prefix === '' ? secret : `${textLiteral(key.prefix)} <> ${secret}`}}]`,
        ]),
    ...(savesAs === undefined ? [] : ['decode_body: false']),
    ...(body === undefined ? [] : [`json: ${elixirLiteral(body, '    ')}`]),
    ...(file === undefined ? [] : [`form_multipart: [${fileField(file)}]`]),
  ];
  return [
    'Mix.install([{:req, "~> 0.5"}])',
    '',
    'response =',
    '  Req.request!(',
    options.map((option) => `    ${option}`).join(',\n'),
    '  )',
    '',
    savesAs === undefined
      ? 'IO.inspect({response.status, response.body})'
      : `File.write!(${textLiteral(savesAs)}, response.body)`,
  ].join('\n');
}

function fileField({ field, name, type }: NonNullable<SampleRequest['file']>): string {
  const options = `filename: ${textLiteral(name)}, content_type: ${textLiteral(type)}`;
  return `${field}: {File.read!(${textLiteral(name)}), ${options}}`;
}

export function elixirLiteral(value: unknown, indent = ''): string {
  return literal(value, STYLE, indent);
}

/** Escapes interpolation (`#{…}`) and invisible characters, which Elixir rejects in source code. */
function textLiteral(text: string): string {
  const escaped = text
    .toWellFormed()
    .replaceAll(/["\\]/g, '\\$&')
    .replaceAll('#{', '\\#{')
    .replaceAll('\n', '\\n')
    .replaceAll(/[\p{C}\u2028\u2029]/gu, (sign) => `\\u{${sign.codePointAt(0)?.toString(16)}}`);
  return `"${escaped}"`;
}
