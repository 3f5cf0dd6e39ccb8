/** Receives files from a paired device and returns their signed links. */
import type { RunningBroker } from './homing-process.ts';
import { pairedInbox } from './inbox.ts';

export interface LinkedFiles {
  /** Returns the signed link to the file. */
  receive(bytes: Uint8Array, contentType: string, name?: string): Promise<string>;
}

export async function linkedFiles(broker: RunningBroker, phoneNumber: string): Promise<LinkedFiles> {
  const inbox = await pairedInbox(broker, phoneNumber);
  let files = 0;
  return {
    async receive(bytes, contentType, name = 'file') {
      files += 1;
      const id = `file-${files}`;
      const uploaded = await fetch(`${broker.url}/relay/v1/media/${id}`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${inbox.token}`, 'content-type': contentType },
        body: new Uint8Array(bytes),
      });
      if (uploaded.status !== 200) throw new Error(`The upload returned ${uploaded.status}.`);
      const media = [{ id, content_type: contentType, size: bytes.length, name }];
      await inbox.receive({ from: '+14155550100', text: '', media });
      const [text] = await inbox.texts();
      const url = text?.media?.[0]?.url;
      if (url === undefined) throw new Error('The text has no attachment.');
      return url;
    },
  };
}
