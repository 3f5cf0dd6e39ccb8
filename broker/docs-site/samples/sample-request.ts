/** Converts the example of an operation to a request, the source of the samples in every language. */
import type { AnyApi, ApiDescription, KeyPlace, Method } from '../../http/operation.ts';

type AnyOperation = AnyApi['operations'][number];

export interface SampleRequest {
  method: Method;
  /** Complete URL with its query. */
  url: string;
  /** Header of the key; undefined if none is required. The samples read the key from the environment. */
  key: { header: string; prefix: string } | undefined;
  /** Sent as JSON. */
  body: unknown;
  /** A file in the working folder, sent as a field of a form. */
  file?: { field: string; name: string; type: string };
  /** File name under which the samples save the response, if it is a file. */
  savesAs?: string;
}

const FILE = 'attachment';
const SENT_FILE = { name: 'photo.jpg', type: 'image/jpeg' };

/** Environment variable of the key. */
export const KEY_VARIABLE = 'HOMING_KEY';

const HEADERS: Readonly<Record<KeyPlace, { header: string; prefix: string }>> = {
  'x-api-key': { header: 'x-api-key', prefix: '' },
  'x-service-token': { header: 'x-service-token', prefix: '' },
  bearer: { header: 'authorization', prefix: 'Bearer ' },
};

export function sampleRequest(
  { keysIn }: Pick<ApiDescription, 'keysIn'>,
  operation: Pick<AnyOperation, 'method' | 'path' | 'permission' | 'responses' | 'file'>,
  example: AnyOperation['example'],
  baseUrl: string,
): SampleRequest {
  const path = operation.path.replaceAll(/:(\w+)/g, (_, name: string) =>
    encodeURIComponent(example?.params?.[name] ?? name),
  );
  const query = new URLSearchParams(example?.query).toString();
  const [place] = keysIn;
  return {
    method: operation.method,
    url: `${baseUrl}${path}${query === '' ? '' : `?${query}`}`,
    key: operation.permission === undefined || place === undefined ? undefined : HEADERS[place],
    body: example?.body,
    ...(operation.file === undefined ? {} : { file: { field: operation.file.field, ...SENT_FILE } }),
    ...(operation.responses[200]?.contentType === '*/*' ? { savesAs: FILE } : {}),
  };
}
