/** Templates of the provider, as the core needs them kept. */
import type { WhatsappTemplate } from '../model/whatsapp-template.ts';

export interface WhatsappTemplateQueries {
  /** Known by world and contentSid. */
  put(template: WhatsappTemplate): Promise<void>;
  remove(tenantId: number, id: string): Promise<void>;
  find(tenantId: number, id: string): Promise<WhatsappTemplate | undefined>;
  list(tenantId: number): Promise<WhatsappTemplate[]>;
}
