/** Templates of the provider, as the core needs them kept. */
import type { WhatsappTemplate } from '../model/whatsapp-template.ts';

export interface WhatsappTemplateQueries {
  /** Known by world and contentSid. */
  put(template: WhatsappTemplate): Promise<void>;
  remove(worldId: number, id: string): Promise<void>;
  find(worldId: number, id: string): Promise<WhatsappTemplate | undefined>;
  list(worldId: number): Promise<WhatsappTemplate[]>;
}
