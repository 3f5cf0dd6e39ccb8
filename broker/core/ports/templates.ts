/** Queries of WhatsApp templates. */
import type { WhatsappTemplate } from '../model/whatsapp-template.ts';

export interface WhatsappTemplateQueries {
  /** Inserts or updates a template, identified by tenant and contentSid. */
  put(template: WhatsappTemplate): Promise<void>;
  remove(tenantId: number, id: string): Promise<void>;
  find(tenantId: number, id: string): Promise<WhatsappTemplate | undefined>;
  list(tenantId: number): Promise<WhatsappTemplate[]>;
}
