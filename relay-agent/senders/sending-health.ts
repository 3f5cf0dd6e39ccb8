/** Derives fields of the health report from the results of recent sends. */
import type { Senders } from './ranked-senders.ts';
import type { SendOutcome } from './sender.ts';

export class SendingHealth {
  /** Wraps the given senders and records their results. */
  readonly senders: Senders;
  #last: SendOutcome | undefined;

  /** @param onFailure called after each send that was not accepted. */
  constructor(senders: Senders, onFailure: () => void) {
    this.senders = {
      ...senders,
      send: async (sending) => {
        this.#last = await senders.send(sending);
        if (this.#last.kind !== 'accepted') onFailure();
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
