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

export function pythonSample({ method, url, key, body, file, savesAs }: SampleRequest): string {
  const headers: string[] = [];
  if (key !== undefined) {
    const prefix = key.prefix === '' ? '' : `${JSON.stringify(key.prefix)} + `;
    headers.push(`"${key.header}": ${prefix}os.environ["${KEY_VARIABLE}"]`);
  }
  if (body !== undefined) headers.push('"content-type": "application/json"');
  if (file !== undefined) headers.push('"content-type": "multipart/form-data; boundary=" + boundary');
  const modules = [
    ...(body === undefined ? [] : ['json']),
    ...(key === undefined ? [] : ['os']),
    ...(file === undefined ? [] : ['secrets']),
  ];
  return [
    `import ${[...modules, 'urllib.request'].join(', ')}`,
    '',
    ...(file === undefined ? [] : formLines(file)),
    'request = urllib.request.Request(',
    `    ${JSON.stringify(url)},`,
    ...(method === 'GET' ? [] : [`    method="${method}",`]),
    ...(headers.length === 0 ? [] : [`    headers={${headers.join(', ')}},`]),
    ...(body === undefined ? [] : [`    data=json.dumps(${pythonLiteral(body, '    ')}).encode(),`]),
    ...(file === undefined ? [] : ['    data=form,']),
    ')',
    'with urllib.request.urlopen(request) as response:',
    ...(savesAs === undefined
      ? ['    print(response.status, response.read().decode())']
      : [`    open(${JSON.stringify(savesAs)}, "wb").write(response.read())`, '    print(response.status)']),
  ].join('\n');
}

/** The standard library cannot write a form with a file. */
function formLines({ field, name, type }: NonNullable<SampleRequest['file']>): string[] {
  return [
    'boundary = secrets.token_hex(16)',
    'form = b"\\r\\n".join([',
    '    b"--" + boundary.encode(),',
    `    b'Content-Disposition: form-data; name="${field}"; filename="${name}"',`,
    `    b"Content-Type: ${type}",`,
    '    b"",',
    `    open(${JSON.stringify(name)}, "rb").read(),`,
    '    b"--" + boundary.encode() + b"--",',
    '    b"",',
    '])',
  ];
}

export function pythonLiteral(value: unknown, indent = ''): string {
  return literal(value, STYLE, indent);
}
