/**
 * WhatsApp: whoever wrote to us within a day may be answered freely; everybody else is written to by a template that
 * WhatsApp has approved.
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
  /** With `{{name}}` where a variable goes. */
  body: string;
  quickReplies: readonly string[];
  category: string;
  createdAt: number;
  updatedAt: number;
}
