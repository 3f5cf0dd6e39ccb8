/**
 * Defines WhatsApp templates and the customer service window. Free text is allowed for 24 hours after the last inbound
 * message of the recipient. Outside that window WhatsApp accepts approved templates only.
 */
export const WHATSAPP_WINDOW_MS = 24 * 3_600_000;

export interface WhatsappTemplate {
  id: string;
  tenantId: number;
  title: string;
  language: string;
  status: 'approved' | 'pending' | 'rejected';
  quality: string | null;
  contentSid: string;
  contentType: string;
  /** Contains `{{name}}` placeholders for variables. */
  body: string;
  quickReplies: readonly string[];
  category: string;
  createdAt: number;
  updatedAt: number;
}
