/** Exports and erases everything about one recipient. */

import { maskHandle } from '../../../../shared/phone-numbers.ts';
import type { AuditedChange } from '../../../core/members/audit.ts';
import { eraseRecipient, runningErasures } from '../../../core/messages/erase-recipient.ts';
import { notFound } from '../../../core/model/errors.ts';
import { type AdminOperation, adminOperation } from '../admin-operation.ts';
import { changeAsMember } from '../caller.ts';
import { errorResponse } from '../errors.ts';
import type { ErasureOptions } from '../management-options.ts';
import {
  type ErasureListBody,
  type ErasureResultBody,
  erasureList,
  erasureRequest,
  erasureResult,
  exportQuery,
} from './erasure-schemas.ts';
import { recipientData } from './recipient-data.ts';

export function erasureOperations(options: ErasureOptions): AdminOperation[] {
  const { store, context, projectionContext } = options;
  const path = '/dashboard/api/:environment/erasures';
  return [
    adminOperation({
      id: 'exportRecipient',
      method: 'GET',
      path: '/dashboard/api/:environment/contact-data',
      summary: 'Download everything about one recipient as JSON',
      permission: 'member',
      query: exportQuery,
      responses: {
        200: { description: 'The contact, the opt-out and all messages, oldest first.' },
        400: errorResponse,
        404: errorResponse,
      },
      async handle({ caller: { tenant }, query: { handle } }) {
        const data = await recipientData(store.read, { tenantId: tenant.id, handle });
        if (data === undefined) throw notFound('Recipient');
        return {
          status: 200,
          contentType: 'application/json; charset=utf-8',
          headers: {
            'content-disposition': 'attachment; filename="contact-data.json"',
            'cache-control': 'no-store',
          },
          stream: { chunks: data },
        };
      },
    }),
    adminOperation({
      id: 'eraseRecipient',
      method: 'POST',
      path,
      summary: 'Erase everything about one recipient except the opt-out',
      permission: 'owner',
      body: erasureRequest,
      responses: {
        202: { description: 'Complete, or running in the background.', schema: erasureResult },
        400: errorResponse,
      },
      changes: ['contacts', 'conversations', 'messages', 'overview', 'audit'],
      async handle({ caller, body: { handle } }) {
        const change: AuditedChange = { action: 'recipient.erased', detail: { handle: maskHandle(handle) } };
        const isRunning = await changeAsMember(store, caller, change, context, (tx) =>
          eraseRecipient(tx, { tenantId: caller.tenant.id, handle }, projectionContext()),
        );
        const body: ErasureResultBody = { handle, isDone: !isRunning };
        return { status: 202, body };
      },
    }),
    adminOperation({
      id: 'listErasures',
      method: 'GET',
      path,
      summary: 'List the erasures that are not complete',
      permission: 'viewer',
      responses: { 200: { description: 'The erasures.', schema: erasureList } },
      async handle({ caller: { tenant } }) {
        const body: ErasureListBody = { erasures: await runningErasures(store.read, tenant.id) };
        return { status: 200, body };
      },
    }),
  ];
}
