/** Returns the overview: devices, queue, results over time, problems and the checklist of the first run. */
import { timeOfId } from '../../../../shared/ids.ts';
import { FIRST_KEY_LABELS } from '../../../core/accounts/api-keys.ts';
import type { Tenant } from '../../../core/model/tenant.ts';
import type { Webhook } from '../../../core/model/webhook.ts';
import type { Queries } from '../../../core/ports/store.ts';
import { type AdminOperation, adminOperation } from '../admin-operation.ts';
import { serializeWebhook } from '../developers/webhook-serializers.ts';
import { errorResponse } from '../errors.ts';
import type { OverviewOptions } from '../management-options.ts';
import { type OverviewBody, overview, overviewQuery } from './overview-schemas.ts';
import { overviewStatistics } from './overview-statistics.ts';

const AUTOMATIC_LABELS: readonly string[] = Object.values(FIRST_KEY_LABELS);

export function overviewOperations(options: OverviewOptions): AdminOperation[] {
  const { store, context, sessions, projector, keyUse } = options;

  const checklistOf = async (
    read: Queries,
    tenant: Tenant,
    facts: { devices: number; webhooks: number },
  ): Promise<OverviewBody['checklist']> => {
    const keys = await read.credentials.ofTenant(tenant.id);
    const isOwnKey = ({ id, label, lastUsedAt }: (typeof keys)[number]) =>
      !AUTOMATIC_LABELS.includes(label) || keyUse.lastUsedAt(id, lastUsedAt) !== null;
    const numbers = await read.numbers.list(tenant.id);
    return {
      // The sandbox and the numbers of a provider need no device.
      deviceIsPaired:
        tenant.environment === 'test' ||
        facts.devices > 0 ||
        numbers.some(({ provider }) => provider !== null),
      hasSentMessage: await read.usage.hasMessages(tenant.id),
      hasCreatedKey: keys.some(isOwnKey),
      hasWebhook: facts.webhooks > 0,
    };
  };

  return [
    adminOperation({
      id: 'getOverview',
      method: 'GET',
      path: '/dashboard/api/:environment/overview',
      summary: 'Get the state of the account and its results over time',
      permission: 'viewer',
      query: overviewQuery,
      responses: { 200: { description: 'The overview.', schema: overview }, 400: errorResponse },
      async handle({ caller: { tenant }, query: { range } }) {
        await projector.catchUp();
        const { read } = store;
        const devices = await read.devices.ofTenant(tenant.id);
        const webhooks = await read.webhooks.ofTenant(tenant.id);
        const body: OverviewBody = {
          ...(await overviewStatistics(read.statistics, tenant.id, range, context.now())),
          devices: {
            online: devices.filter((device) => sessions.connected(device) !== undefined).length,
            total: devices.length,
          },
          queue: await queueOf(read, tenant.id),
          webhooks: await failing(read, webhooks, context.now()),
          checklist: await checklistOf(read, tenant, { devices: devices.length, webhooks: webhooks.length }),
        };
        return { status: 200, body };
      },
    }),
  ];
}

async function queueOf(read: Queries, tenantId: number): Promise<OverviewBody['queue']> {
  const queue: OverviewBody['queue'] = { waiting: 0, deferred: 0, oldestAt: null };
  for (const { id } of await read.numbers.list(tenantId)) {
    const { waiting, deferred, oldestId } = await read.messages.queueState(id);
    queue.waiting += waiting;
    queue.deferred += deferred;
    const oldestAt = oldestId === null ? null : timeOfId(oldestId);
    if (oldestAt !== null) queue.oldestAt = Math.min(oldestAt, queue.oldestAt ?? oldestAt);
  }
  return queue;
}

async function failing(read: Queries, webhooks: readonly Webhook[], now: number) {
  const serialized = [];
  for (const one of webhooks) serialized.push(await serializeWebhook(read, one, now));
  return serialized.filter(({ problem }) => problem !== null);
}
