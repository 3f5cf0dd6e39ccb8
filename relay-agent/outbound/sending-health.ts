/** Derives fields of the health report from the results of recent sends. */
import type { Sender, SendOutcome } from '../senders/sender.ts';

export class SendingHealth {
  /** Wraps the given sender and records its results. */
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

  /** Omits fields that no send has shown yet. */
  report(): Record<string, boolean> {
    // The agent does not start without Full Disk Access.
    const known = { full_disk_access: true };
    switch (this.#last?.kind) {
      case undefined:
        return known;
      case 'accepted':
        return { ...known, automation: true, messages_running: true };
      case 'rejected':
        return this.#last.code === 'permission_denied'
          ? { ...known, automation: false }
          : { ...known, messages_running: !/-600|running/.test(this.#last.problem) };
      case 'unknown':
        return known;
    }
  }
}
