/** The templates that WhatsApp has approved, kept as the provider has them, for every account that uses WhatsApp. */
import type { IdSource } from '../../../shared/ids.ts';
import type { MessagingProvider, ProviderTemplate } from '../ports/provider.ts';
import type { Queries, Store } from '../ports/store.ts';

export interface TemplateContext {
  ids: IdSource;
  now: () => number;
}

/** Gives how many templates there are. @throws ProviderError */
export async function syncTemplates(
  store: Store,
  provider: MessagingProvider,
  context: TemplateContext,
): Promise<number> {
  const numbers = await store.read.numbers.ofProvider(provider.name);
  const tenantIds = new Set(numbers.filter(({ hasWhatsapp }) => hasWhatsapp).map(({ tenantId }) => tenantId));
  if (tenantIds.size === 0) return 0;
  const templates = await provider.listTemplates();
  for (const tenantId of tenantIds) {
    await store.transaction((tx) => keepTemplates(tx, tenantId, templates, context));
  }
  return templates.length;
}

async function keepTemplates(
  tx: Queries,
  tenantId: number,
  templates: readonly ProviderTemplate[],
  { ids, now }: TemplateContext,
): Promise<void> {
  const kept = await tx.whatsappTemplates.list(tenantId);
  const current = new Set(templates.map(({ contentSid }) => contentSid));
  for (const { id, contentSid } of kept) {
    if (!current.has(contentSid)) await tx.whatsappTemplates.remove(tenantId, id);
  }
  const at = now();
  for (const template of templates) {
    const known = kept.find(({ contentSid }) => contentSid === template.contentSid);
    if (known !== undefined && isSame(known, template)) continue;
    await tx.whatsappTemplates.put({
      ...template,
      id: known?.id ?? ids(),
      tenantId,
      quality: known?.quality ?? null,
      createdAt: known?.createdAt ?? at,
      updatedAt: at,
    });
  }
}

function isSame(known: ProviderTemplate, template: ProviderTemplate): boolean {
  const words = (of: ProviderTemplate) => [
    of.title,
    of.language,
    of.status,
    of.contentType,
    of.body,
    of.category,
    ...of.quickReplies,
  ];
  return JSON.stringify(words(known)) === JSON.stringify(words(template));
}
