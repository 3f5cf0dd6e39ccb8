/** Writes a request with PHP's curl extension. */
import { type LiteralStyle, literal } from './literal.ts';
import { KEY_VARIABLE, type SampleRequest } from './sample-request.ts';

const STYLE: LiteralStyle = {
  text: textLiteral,
  words: { null: 'null', true: 'true', false: 'false' },
  list: { open: '[', close: ']', hasLastComma: true },
  // json_encode writes an array with the keys 0, 1, … as a list, and an empty array too.
  object: (keys) => ({
    open: keys.every((key) => /^\d+$/.test(key)) ? '(object) [' : '[',
    close: ']',
    hasLastComma: true,
  }),
  pair: (key, value) => `${textLiteral(key)} => ${value}`,
  step: '    ',
};

export function phpSample({ method, url, key, body, file, savesAs }: SampleRequest): string {
  const headers: string[] = [];
  if (key !== undefined)
    headers.push(`${textLiteral(`${key.header}: ${key.prefix}`)} . getenv('${KEY_VARIABLE}')`);
  if (body !== undefined) headers.push("'content-type: application/json'");
  return [
    '<?php',
    `$request = curl_init(${textLiteral(url)});`,
    'curl_setopt_array($request, [',
    '    CURLOPT_RETURNTRANSFER => true,',
    ...(method === 'GET' ? [] : [`    CURLOPT_CUSTOMREQUEST => '${method}',`]),
    ...(headers.length === 0 ? [] : [`    CURLOPT_HTTPHEADER => [${headers.join(', ')}],`]),
    ...(body === undefined ? [] : [`    CURLOPT_POSTFIELDS => json_encode(${phpLiteral(body, '    ')}),`]),
    ...(file === undefined ? [] : [`    CURLOPT_POSTFIELDS => [${fileField(file)}],`]),
    ']);',
    '$response = curl_exec($request);',
    savesAs === undefined
      ? "echo curl_getinfo($request, CURLINFO_RESPONSE_CODE), ' ', $response, PHP_EOL;"
      : `file_put_contents(${textLiteral(savesAs)}, $response);`,
  ].join('\n');
}

function fileField({ field, name, type }: NonNullable<SampleRequest['file']>): string {
  return `${textLiteral(field)} => new CURLFile(${textLiteral(name)}, ${textLiteral(type)})`;
}

export function phpLiteral(value: unknown, indent = ''): string {
  return literal(value, STYLE, indent);
}

/** Escapes the two characters that have a meaning in single quotes. */
function textLiteral(text: string): string {
  return `'${text.replaceAll(/['\\]/g, '\\$&')}'`;
}
