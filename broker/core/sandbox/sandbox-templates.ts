/** Creates the sample WhatsApp templates of a sandbox, one per status, on first use. */
import { derivedId } from '../../../shared/ids.ts';
import type { Tenant } from '../model/tenant.ts';
import type { WhatsappTemplate } from '../model/whatsapp-template.ts';
import type { Queries, Store } from '../ports/store.ts';

type Sample = Omit<WhatsappTemplate, 'id' | 'tenantId' | 'createdAt' | 'updatedAt'>;

const COMMON = { language: 'en', contentType: 'twilio/text', quickReplies: [] } as const;

const SAMPLES: readonly Sample[] = [
  {
    ...COMMON,
    title: 'appointment_reminder',
    status: 'approved',
    quality: 'high',
    contentSid: 'HX00000000000000000000000000000001',
    contentType: 'twilio/quick-reply',
    body: 'Hi {{name}}, see you on {{date}}.',
    quickReplies: ['Confirm', 'Reschedule'],
    category: 'UTILITY',
  },
  {
    ...COMMON,
    title: 'order_update',
    status: 'pending',
    quality: null,
    contentSid: 'HX00000000000000000000000000000002',
    body: 'Your order {{order}} is on its way.',
    category: 'UTILITY',
  },
  {
    ...COMMON,
    title: 'flash_sale',
    status: 'rejected',
    quality: null,
    contentSid: 'HX00000000000000000000000000000003',
    body: 'Everything must go, {{name}}!',
    category: 'MARKETING',
  },
];

export async function ensureSandboxTemplates(store: Store, tenant: Tenant, now: number): Promise<void> {
  if (tenant.environment === 'live' || (await hasTemplates(store.read, tenant))) return;
  await store.transaction(async (tx) => {
    for (const sample of SAMPLES) {
      const id = derivedId('whatsapp-template', tenant.id, sample.contentSid);
      await tx.whatsappTemplates.put({ ...sample, id, tenantId: tenant.id, createdAt: now, updatedAt: now });
    }
  });
}

async function hasTemplates(tx: Queries, { id }: Tenant): Promise<boolean> {
  return (await tx.whatsappTemplates.list(id)).length > 0;
}
