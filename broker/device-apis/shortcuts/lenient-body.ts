/**
 * Reads the fields of a request body from Shortcuts: JSON, a URL-encoded form or a multipart form, with the right, a wrong
 * or no content type. Every value becomes text: numbers, "Yes" and "No", dates, lists with one item.
 */
import type { IncomingMessage } from 'node:http';
import { invalidRequest } from '../../core/model/errors.ts';
import { readBytes } from '../../http/request-body.ts';

const BODY_LIMIT_BYTES = 512 * 1024;

/** @throws HomingError if the body has no fields. */
export async function readFields(request: IncomingMessage): Promise<Readonly<Record<string, string>>> {
  const bytes = await readBytes(request, BODY_LIMIT_BYTES);
  const type = request.headers['content-type'] ?? '';
  const text = bytes.toString('utf8').trim();
  const fields =
    fromJson(text) ??
    (/multipart\/form-data/i.test(type) ? await fromMultipart(bytes, type) : fromForm(text));
  if (fields === undefined) {
    throw invalidRequest(
      'The request has no fields. In “Get Contents of URL” set the method to POST and the body to JSON.',
    );
  }
  return fields;
}

function fromJson(text: string): Record<string, string> | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const parsed = JSON.parse(text) as Record<string, unknown>;
    return Object.fromEntries(Object.entries(parsed).map(([name, value]) => [name, asText(value)]));
  } catch {
    return undefined;
  }
}

function fromForm(text: string): Record<string, string> | undefined {
  if (!text.includes('=')) return undefined;
  return Object.fromEntries(new URLSearchParams(text));
}

async function fromMultipart(bytes: Buffer, type: string): Promise<Record<string, string> | undefined> {
  try {
    const body = new Uint8Array(bytes);
    const form = await new Response(body, { headers: { 'content-type': type } }).formData();
    const fields: Record<string, string> = {};
    for (const [name, value] of form) fields[name] = typeof value === 'string' ? value : await value.text();
    return fields;
  } catch {
    return undefined;
  }
}

function asText(value: unknown): string {
  if (value === null || value === undefined) return '';
  // Shortcuts sends a variable as a list with one item.
  if (Array.isArray(value)) return value.map(asText).join('\n');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
