/** Lists, creates and revokes API keys, and lists the tool calls of assistants. */

import { formatId } from '../../../../shared/ids.ts';
import { createKey, revokeKey } from '../../../core/accounts/api-keys.ts';
import type { AuditedChange } from '../../../core/members/audit.ts';
import type { Credential } from '../../../core/model/api-key.ts';
import { PERMISSIONS } from '../../../core/model/api-key.ts';
import { notFound } from '../../../core/model/errors.ts';
import { cutPage } from '../../../http/pagination.ts';
import { idInPath } from '../../../http/request-schemas.ts';
import { type AdminOperation, adminOperation } from '../admin-operation.ts';
import { changeAsMember } from '../caller.ts';
import { errorResponse } from '../errors.ts';
import type { KeyOptions } from '../management-options.ts';
import { curlFor } from './key-sample.ts';
import {
  type ApiKeyBody,
  apiKey,
  type KeyListBody,
  keyList,
  keyRequest,
  type NewKeyBody,
  newKey,
  type ToolCallListBody,
  toolCallList,
  toolCallQuery,
} from './key-schemas.ts';

const PATH = '/dashboard/api/:environment/keys';

export function keyOperations(options: KeyOptions): AdminOperation[] {
  const { store, context, keyUse, address } = options;
  const serialize = (
    { id, label, permissions, createdAt, revokedAt }: Omit<Credential, 'tenant'>,
    lastUsedAt: number | null,
  ): ApiKeyBody => ({
    ...{ id: formatId('key', id), label, permissions: [...permissions], createdAt, revokedAt },
    lastUsedAt: keyUse.lastUsedAt(id, lastUsedAt),
  });

  return [
    adminOperation({
      id: 'listKeys',
      method: 'GET',
      path: PATH,
      summary: 'List the API keys, newest first',
      permission: 'viewer',
      responses: { 200: { description: 'All keys, with the revoked ones.', schema: keyList } },
      async handle({ caller: { tenant } }) {
        const keys = await store.read.credentials.ofTenant(tenant.id);
        const body: KeyListBody = {
          keys: keys.map((key) => serialize(key, key.lastUsedAt)),
          permissions: [...PERMISSIONS],
        };
        return { status: 200, body };
      },
    }),
    adminOperation({
      id: 'createKey',
      method: 'POST',
      path: PATH,
      summary: 'Create an API key; the key is returned only once',
      permission: 'owner',
      body: keyRequest,
      responses: { 201: { description: 'The key.', schema: newKey }, 400: errorResponse },
      changes: ['keys', 'audit'],
      async handle({ caller, body: { label, permissions, prefix }, request }) {
        const { environment, accountSlug: account } = caller.tenant;
        const { key, credential } = await changeAsMember(
          store,
          caller,
          (created: { credential: Credential }) => ({
            action: 'key.created',
            target: formatId('key', created.credential.id),
            detail: { label, permissions },
          }),
          context,
          async (tx) => {
            const created = await createKey(
              tx,
              { label, permissions, environment, account },
              context,
              prefix,
            );
            const stored = await tx.credentials.find(created.id);
            if (stored === undefined) throw notFound('Key');
            return { key: created.key, credential: stored };
          },
        );
        const curl = curlFor({ key, prefix, permissions }, address.addressFor(request));
        const body: NewKeyBody = { ...serialize(credential, null), key, curl };
        return { status: 201, body };
      },
    }),
    adminOperation({
      id: 'revokeKey',
      method: 'POST',
      path: `${PATH}/:id/revoke`,
      summary: 'Revoke an API key permanently',
      permission: 'owner',
      responses: { 200: { description: 'The revoked key.', schema: apiKey }, 404: errorResponse },
      changes: ['keys', 'audit'],
      async handle({ caller, params }) {
        const id = idInPath('key', params.id, 'Key');
        const change: AuditedChange = { action: 'key.revoked', target: formatId('key', id) };
        const revoked = await changeAsMember(store, caller, change, context, async (tx) => {
          const known = await tx.credentials.find(id);
          if (known?.tenant.id !== caller.tenant.id) throw notFound('Key');
          return revokeKey(tx, id, context.now());
        });
        const stored = await store.read.credentials.ofTenant(caller.tenant.id);
        const lastUsedAt = stored.find((key) => key.id === id)?.lastUsedAt ?? null;
        return { status: 200, body: serialize(revoked, lastUsedAt) };
      },
    }),
    adminOperation({
      id: 'listToolCalls',
      method: 'GET',
      path: '/dashboard/api/:environment/tool-calls',
      summary: 'List the tool calls of assistants, newest first',
      permission: 'viewer',
      query: toolCallQuery,
      responses: { 200: { description: 'A page of calls.', schema: toolCallList }, 400: errorResponse },
      async handle({ caller: { tenant }, query: { limit, cursor } }) {
        const found = await store.read.auditLog.list(tenant.id, { limit: limit + 1, before: cursor });
        const { rows, end } = cutPage('call', found, limit);
        const labels = new Map(
          (await store.read.credentials.ofTenant(tenant.id)).map(({ id, label }) => [id, label]),
        );
        const body: ToolCallListBody = {
          calls: rows.map(({ id, credentialId, tenantId: _, ...call }) => ({
            ...call,
            id: formatId('call', id),
            keyId: credentialId === null ? null : formatId('key', credentialId),
            keyLabel: credentialId === null ? null : (labels.get(credentialId) ?? null),
          })),
          next: end.cursor,
        };
        return { status: 200, body };
      },
    }),
  ];
}
