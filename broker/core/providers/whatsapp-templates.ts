/** Synchronizes the stored WhatsApp templates of all tenants that use WhatsApp with the provider. */
import type { IdSource } from '../../../shared/ids.ts';
import type { MessagingProvider, ProviderTemplate } from '../ports/provider.ts';
import type { Queries, Store } from '../ports/store.ts';

export interface TemplateContext {
  ids: IdSource;
  now: () => number;
}

/** Returns the number of templates at the provider. @throws ProviderError */
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
    await store.transaction((tx) => replaceTemplates(tx, tenantId, templates, context));
  }
  return templates.length;
}

async function replaceTemplates(
  tx: Queries,
  tenantId: number,
  templates: readonly ProviderTemplate[],
  { ids, now }: TemplateContext,
): Promise<void> {
  const stored = await tx.whatsappTemplates.list(tenantId);
  const current = new Set(templates.map(({ contentSid }) => contentSid));
  for (const { id, contentSid } of stored) {
    if (!current.has(contentSid)) await tx.whatsappTemplates.remove(tenantId, id);
  }
  const at = now();
  for (const template of templates) {
    const previous = stored.find(({ contentSid }) => contentSid === template.contentSid);
    if (previous !== undefined && isSame(previous, template)) continue;
    await tx.whatsappTemplates.put({
      ...template,
      id: previous?.id ?? ids(),
      tenantId,
      quality: previous?.quality ?? null,
      createdAt: previous?.createdAt ?? at,
      updatedAt: at,
    });
  }
}

function isSame(previous: ProviderTemplate, template: ProviderTemplate): boolean {
  const fields = ({
    title,
    language,
    status,
    contentType,
    body,
    category,
    quickReplies,
  }: ProviderTemplate) => [...[title, language, status, contentType, body, category], ...quickReplies];
  return JSON.stringify(fields(previous)) === JSON.stringify(fields(template));
}
