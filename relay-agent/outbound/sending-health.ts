/** What the last sends say of this Mac, for the report that the broker gets once a minute. */
import type { Sender, SendOutcome } from '../senders/sender.ts';

export class SendingHealth {
  /** Passes everything on. */
  readonly sender: Sender;
  #last: SendOutcome | undefined;

  constructor(sender: Sender) {
    this.sender = {
      send: async (sending) => {
        this.#last = await sender.send(sending);
        return this.#last;
      },
    };
  }

  /** Says nothing of what no send has shown yet. */
  report(): Record<string, boolean> {
    // The agent does not start without it.
    const known = { full_disk_access: true };
    switch (this.#last?.kind) {
      case undefined:
        return known;
      case 'handed':
        return { ...known, automation: true, messages_running: true };
      case 'refused':
        return this.#last.code === 'permission_denied'
          ? { ...known, automation: false }
          : { ...known, messages_running: !/-600|running/.test(this.#last.problem) };
      case 'unclear':
        return known;
    }
  }
}
