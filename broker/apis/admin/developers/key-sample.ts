/** Returns a command that uses a new API key, so that its owner sees immediately that it works. */
import type { KeyPrefix } from '../../../core/accounts/api-keys.ts';
import type { Permission } from '../../../core/model/api-key.ts';

interface NewKey {
  key: string;
  prefix: KeyPrefix;
  permissions: readonly Permission[];
}

type Request = readonly [permission: Permission, arguments_: string];

const JSON_BODY = "-H 'Content-Type: application/json' -d";
/** The first request that the key permits; none of them changes or sends anything. */
const TEXTING_BLUE: readonly Request[] = [
  ['messages:read', '/v1/messages'],
  ['numbers:read', '/v1/numbers'],
  ['webhooks:manage', '/v1/webhooks'],
  [
    'messages:send',
    `/v1/messages/send ${JSON_BODY} '{"to": "+15005550014", "content": "Hello", "dry_run": true}'`,
  ],
];
const TEXTREE: readonly Request[] = [
  ['numbers:read', '/api/v1/numbers'],
  ['messages:read', '/api/v1/contacts'],
  ['webhooks:manage', '/api/v1/webhooks'],
];
const MCP: readonly Request[] = [
  ['mcp:read', `/mcp ${JSON_BODY} '{"jsonrpc": "2.0", "id": 1, "method": "tools/list"}'`],
  ['mcp:execute', `/mcp ${JSON_BODY} '{"jsonrpc": "2.0", "id": 1, "method": "ping"}'`],
];

/** Returns null if each request that the key permits has an effect. */
export function curlFor({ key, prefix, permissions }: NewKey, url: string): string | null {
  const requests = [...(prefix === 'tb' ? TEXTING_BLUE : TEXTREE), ...MCP];
  const found = requests.find(([one]) => permissions.includes('*') || permissions.includes(one));
  if (found === undefined) return null;
  const header = prefix === 'tb' ? `X-API-Key: ${key}` : `Authorization: Bearer ${key}`;
  const [path = '', ...rest] = found[1].split(' ');
  return [`curl -sS ${url}${path} -H '${header}'`, ...rest].join(' ');
}
