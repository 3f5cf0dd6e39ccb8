/** Lists, records and removes opt-outs, in the local data folder or at a remote broker. */
import { suppress, unsuppress } from '../../broker/core/contacts/opt-out.ts';
import { notFound } from '../../broker/core/model/errors.ts';
import type { Tenant } from '../../broker/core/model/tenant.ts';
import type { LocalStore } from '../local-store.ts';
import type { RemoteBroker } from '../remote-broker.ts';

/** An opt-out in the output of `--json`. */
export interface OptOutOutput {
  recipient: string;
  reason: string;
  /** ISO 8601, UTC. */
  created_at: string;
}

export interface OptOutSource {
  /** In the order of the recipients. */
  list(): AsyncIterable<OptOutOutput>;
  add(recipient: string, reason: string): Promise<OptOutOutput>;
  /** @throws an error if the recipient did not opt out */
  remove(recipient: string): Promise<void>;
}

const PAGE = 100;
const REASON = 'command line';

export function localOptOuts({ store, keyContext }: LocalStore, tenant: Tenant): OptOutSource {
  const context = () => ({ now: keyContext.now(), ids: keyContext.ids });
  return {
    async *list() {
      let after: string | undefined;
      do {
        const page = await store.read.suppressions.list(tenant.id, { limit: PAGE, after });
        yield* page.map(toOutput);
        after = page.length < PAGE ? undefined : page.at(-1)?.handle;
      } while (after !== undefined);
    },
    async add(recipient, reason) {
      await store.transaction((tx) => suppress(tx, tenant.id, recipient, reason, context()));
      const one = await store.read.suppressions.find(tenant.id, recipient);
      if (one === undefined) throw notFound('Opt-out');
      return toOutput(one);
    },
    async remove(recipient) {
      if (!(await store.transaction((tx) => unsuppress(tx, tenant.id, recipient, REASON, context())))) {
        throw notFound(`Opt-out of ${recipient}`);
      }
    },
  };
}

export function remoteOptOuts({ homing: { GET, POST, DELETE, unwrap } }: RemoteBroker): OptOutSource {
  return {
    async *list() {
      let cursor: string | null | undefined;
      do {
        const query = { limit: PAGE, ...(cursor == null ? {} : { cursor }) };
        const page = await unwrap(GET('/v1/opt-outs', { params: { query } }));
        yield* page.opt_outs;
        cursor = page.cursor;
      } while (cursor !== null);
    },
    add: (recipient, reason) => unwrap(POST('/v1/opt-outs', { body: { recipient, reason } })),
    async remove(recipient) {
      await unwrap(DELETE('/v1/opt-outs/{recipient}', { params: { path: { recipient } } }));
    },
  };
}

const toOutput = ({ handle, reason, createdAt }: { handle: string; reason: string; createdAt: number }) => ({
  recipient: handle,
  reason,
  created_at: new Date(createdAt).toISOString(),
});
