/** An operation's example as a request, from which the samples of every language are made. */
import type { AnyApi, ApiDescription, KeyPlace, Method } from '../../http/operation.ts';

type AnyOperation = AnyApi['operations'][number];

export interface SampleRequest {
  method: Method;
  /** Whole, with its query. */
  url: string;
  /** Where the key goes; undefined where none is needed. Samples read it from the environment. */
  key: { header: string; prefix: string } | undefined;
  /** Sent as JSON; undefined: no body. */
  body: unknown;
  /** What is answered is a file, which samples save under this name. */
  savesAs?: string;
}

const FILE = 'attachment';

/** The environment variable that samples take the key from. */
export const KEY_VARIABLE = 'HOMING_KEY';

const HEADERS: Readonly<Record<KeyPlace, { header: string; prefix: string }>> = {
  'x-api-key': { header: 'x-api-key', prefix: '' },
  'x-service-token': { header: 'x-service-token', prefix: '' },
  bearer: { header: 'authorization', prefix: 'Bearer ' },
};

export function sampleRequest(
  { keysIn }: Pick<ApiDescription, 'keysIn'>,
  operation: Pick<AnyOperation, 'method' | 'path' | 'permission' | 'responses'>,
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
    ...(operation.responses[200]?.contentType === '*/*' ? { savesAs: FILE } : {}),
  };
}
