/** Converts Twilio's content templates. A template that was never submitted to WhatsApp is skipped. */
import type { ContentAndApprovalsInstance } from 'twilio/lib/rest/content/v1/contentAndApprovals.js';
import type { ProviderTemplate } from '../../core/ports/provider.ts';

/** https://www.twilio.com/docs/content/content-api-resources: a content has one type, which is its key. */
interface ContentType {
  body?: unknown;
  actions?: unknown;
}

interface Approval {
  status?: unknown;
  category?: unknown;
  name?: unknown;
}

const TEMPLATE_STATUSES: Readonly<Record<string, ProviderTemplate['status']>> = {
  approved: 'approved',
  received: 'pending',
  pending: 'pending',
  rejected: 'rejected',
  paused: 'rejected',
  disabled: 'rejected',
};

export function templateFrom(content: ContentAndApprovalsInstance): ProviderTemplate | undefined {
  const approval = (content.approvalRequests ?? {}) as Approval;
  const status = TEMPLATE_STATUSES[String(approval.status)];
  const [first] = Object.entries((content.types ?? {}) as Record<string, ContentType>);
  if (status === undefined || first === undefined) return undefined;
  const [contentType, { body, actions }] = first;
  return {
    contentSid: content.sid,
    title: content.friendlyName,
    language: content.language,
    status,
    contentType,
    body: typeof body === 'string' ? body : '',
    quickReplies: contentType === 'twilio/quick-reply' ? titlesOf(actions) : [],
    category: String(approval.category ?? '').toLowerCase(),
  };
}

function titlesOf(actions: unknown): string[] {
  if (!Array.isArray(actions)) return [];
  return actions
    .map((action: { title?: unknown }) => action.title)
    .filter((title) => typeof title === 'string');
}
