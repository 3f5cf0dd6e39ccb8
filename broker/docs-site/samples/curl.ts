/** Writes a request as a curl command for a POSIX shell. */
import { KEY_VARIABLE, type SampleRequest } from './sample-request.ts';

const LINE = 60;

export function curlSample({ method, url, key, body, file, savesAs }: SampleRequest): string {
  // curl interprets braces and brackets in a URL as patterns.
  const plain = /[[\]{}]/.test(url) ? '-g ' : '';
  const parts = [`curl -sS ${plain}${shellWord(url)}`];
  const isPost = body !== undefined || file !== undefined;
  if (method !== (isPost ? 'POST' : 'GET')) parts.push(`-X ${method}`);
  if (key !== undefined) parts.push(`-H "${key.header}: ${key.prefix}$${KEY_VARIABLE}"`);
  if (body !== undefined) {
    const short = JSON.stringify(body);
    parts.push("-H 'content-type: application/json'");
    parts.push(`-d ${shellWord(short.length <= LINE ? short : JSON.stringify(body, null, 2))}`);
  }
  if (file !== undefined) parts.push(`-F ${shellWord(`${file.field}=@${file.name}`)}`);
  if (savesAs !== undefined) parts.push(`-o ${shellWord(savesAs)}`);
  return parts.join(' \\\n  ');
}

/** Quotes a shell word. In single quotes only the quote itself has a meaning. */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
