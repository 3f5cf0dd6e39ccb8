/** Returns the account with its plan, the usage of a month, the WhatsApp templates and facts about the broker. */
import { monthlyUsage } from '../../../core/billing/billing.ts';
import { calendarDay } from '../../../core/model/calendar.ts';
import { notFound } from '../../../core/model/errors.ts';
import { type AdminOperation, adminOperation } from '../admin-operation.ts';
import { errorResponse } from '../errors.ts';
import type { AccountOptions } from '../management-options.ts';
import {
  type AboutBody,
  type AccountBody,
  about,
  account,
  type UsageBody,
  usage,
  usageQuery,
  type WhatsappTemplatesBody,
  whatsappTemplates,
} from './settings-schemas.ts';

export function accountOperations(options: AccountOptions): AdminOperation[] {
  const { store, context, retention, storedBytes, brokerFacts, backupCommand, version } = options;
  return [
    adminOperation({
      id: 'getAccount',
      method: 'GET',
      path: '/dashboard/api/account',
      summary: 'Get the account, the limits of its plan and the retention',
      permission: 'viewer',
      responses: { 200: { description: 'The account.', schema: account } },
      async handle({ caller: { tenant, plan, member } }) {
        const own = await store.read.accounts.findBySlug(tenant.accountSlug);
        if (own === undefined) throw notFound('Account');
        const isOnlyAccount = (await store.read.accounts.count(2)) === 1;
        const body: AccountBody = {
          slug: own.slug,
          createdAt: own.createdAt,
          plan: { name: own.plan, ...plan },
          retention,
          hasBackups: isOnlyAccount && backupCommand === undefined,
          backupCommand: (isOnlyAccount && member.role === 'owner' ? backupCommand : undefined) ?? null,
        };
        return { status: 200, body };
      },
    }),
    adminOperation({
      id: 'getUsage',
      method: 'GET',
      path: '/dashboard/api/:environment/usage',
      summary: 'Get the messages, segments, spend and storage of a month',
      permission: 'viewer',
      query: usageQuery,
      responses: { 200: { description: 'The usage.', schema: usage }, 400: errorResponse },
      async handle({ caller: { tenant }, query }) {
        await options.projector.catchUp();
        const month = query.month ?? calendarDay(context.now()).month;
        const { messages, ...spend } = await monthlyUsage(store.read, tenant.id, month);
        const { queued = 0, sent = 0, delivered = 0, failed = 0 } = messages;
        const body: UsageBody = {
          month,
          messages: { queued, sent, delivered, failed },
          accepted: await store.read.usage.messagesInMonth(tenant.id, month),
          ...spend,
          numbers: await store.read.numbers.count(tenant.id),
          mediaBytes: await storedBytes(tenant.id),
        };
        return { status: 200, body };
      },
    }),
    adminOperation({
      id: 'listWhatsappTemplates',
      method: 'GET',
      path: '/dashboard/api/:environment/whatsapp-templates',
      summary: 'List the WhatsApp templates',
      permission: 'viewer',
      responses: { 200: { description: 'The templates.', schema: whatsappTemplates } },
      async handle({ caller: { tenant } }) {
        const found = await store.read.whatsappTemplates.list(tenant.id);
        const body: WhatsappTemplatesBody = {
          templates: found.map(({ id, title, language, status, quality, category, body, ...rest }) => ({
            ...{ id, title, language, status, quality, category, body },
            ...{ quickReplies: [...rest.quickReplies], updatedAt: rest.updatedAt },
          })),
        };
        return { status: 200, body };
      },
    }),
    adminOperation({
      id: 'getAbout',
      method: 'GET',
      path: '/dashboard/api/about',
      summary: 'Get the version of the broker, its uptime and its disk',
      permission: 'viewer',
      responses: { 200: { description: 'The broker.', schema: about } },
      async handle() {
        const facts = await brokerFacts();
        const uptimeMs = Math.max(0, context.now() - facts.startedAt);
        const body: AboutBody = { version, ...facts, uptimeMs };
        return { status: 200, body };
      },
    }),
  ];
}
