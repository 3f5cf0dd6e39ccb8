/** Writes a request with Python's standard library. */
import { type LiteralStyle, literal } from './literal.ts';
import { KEY_VARIABLE, type SampleRequest } from './sample-request.ts';

const STYLE: LiteralStyle = {
  // Python accepts every JSON escape.
  text: JSON.stringify,
  words: { null: 'None', true: 'True', false: 'False' },
  list: { open: '[', close: ']', hasLastComma: true },
  object: () => ({ open: '{', close: '}', hasLastComma: true }),
  pair: (key, value) => `${JSON.stringify(key)}: ${value}`,
  step: '    ',
};

export function pythonSample({ method, url, key, body, savesAs }: SampleRequest): string {
  const headers: string[] = [];
  if (key !== undefined) {
    const prefix = key.prefix === '' ? '' : `${JSON.stringify(key.prefix)} + `;
    headers.push(`"${key.header}": ${prefix}os.environ["${KEY_VARIABLE}"]`);
  }
  if (body !== undefined) headers.push('"content-type": "application/json"');
  const modules = [...(body === undefined ? [] : ['json']), ...(key === undefined ? [] : ['os'])];
  return [
    `import ${[...modules, 'urllib.request'].join(', ')}`,
    '',
    'request = urllib.request.Request(',
    `    ${JSON.stringify(url)},`,
    ...(method === 'GET' ? [] : [`    method="${method}",`]),
    ...(headers.length === 0 ? [] : [`    headers={${headers.join(', ')}},`]),
    ...(body === undefined ? [] : [`    data=json.dumps(${pythonLiteral(body, '    ')}).encode(),`]),
    ')',
    'with urllib.request.urlopen(request) as response:',
    ...(savesAs === undefined
      ? ['    print(response.status, response.read().decode())']
      : [`    open(${JSON.stringify(savesAs)}, "wb").write(response.read())`, '    print(response.status)']),
  ].join('\n');
}

export function pythonLiteral(value: unknown, indent = ''): string {
  return literal(value, STYLE, indent);
}
