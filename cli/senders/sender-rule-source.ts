/** Lists, sets and removes sender rules, in the local data folder or at a remote broker. */
import {
  createSenderRule,
  removeSenderRule,
  updateSenderRule,
} from '../../broker/core/contacts/sender-rules.ts';
import { notFound } from '../../broker/core/model/errors.ts';
import type { SenderRule, SenderRuleAction } from '../../broker/core/model/sender-rule.ts';
import type { Tenant } from '../../broker/core/model/tenant.ts';
import { formatId } from '../../shared/ids.ts';
import type { LocalStore } from '../local-store.ts';
import type { RemoteBroker } from '../remote-broker.ts';

/** A sender rule in the output of `--json`. */
export interface SenderRuleOutput {
  /** `rul_…` */
  id: string;
  handle: string;
  action: SenderRuleAction;
  /** ISO 8601, UTC. */
  created_at: string;
  updated_at: string;
}

export interface SenderRuleSource {
  /** In the order of the handles. */
  list(): AsyncIterable<SenderRuleOutput>;
  /** Creates the rule of the sender, or changes it. */
  set(handle: string, action: SenderRuleAction): Promise<SenderRuleOutput>;
  /** @throws an error if the sender has no rule */
  remove(handle: string): Promise<void>;
}

const PAGE = 100;

export function localSenderRules({ store, keyContext }: LocalStore, tenant: Tenant): SenderRuleSource {
  return {
    async *list() {
      let after: string | undefined;
      do {
        const page = await store.read.senderRules.list(tenant.id, { limit: PAGE, after });
        yield* page.map(toOutput);
        after = page.length < PAGE ? undefined : page.at(-1)?.handle;
      } while (after !== undefined);
    },
    async set(handle, action) {
      const { ids } = keyContext;
      const now = keyContext.now();
      const rule = await store.transaction(async (tx) => {
        const known = await tx.senderRules.findByHandle(tenant.id, handle);
        if (known !== undefined) return updateSenderRule(tx, tenant.id, known.id, action, now);
        return createSenderRule(tx, { tenantId: tenant.id, handle, action }, { now, ids });
      });
      return toOutput(rule);
    },
    async remove(handle) {
      await store.transaction(async (tx) => {
        const known = await tx.senderRules.findByHandle(tenant.id, handle);
        if (known === undefined) throw notFound(`Rule for ${handle}`);
        await removeSenderRule(tx, tenant.id, known.id);
      });
    },
  };
}

export function remoteSenderRules({
  homing: { GET, POST, PATCH, DELETE, unwrap },
}: RemoteBroker): SenderRuleSource {
  async function* list(): AsyncGenerator<SenderRuleOutput> {
    let cursor: string | null | undefined;
    do {
      const query = { limit: PAGE, ...(cursor == null ? {} : { cursor }) };
      const page = await unwrap(GET('/v1/sender-rules', { params: { query } }));
      yield* page.sender_rules;
      cursor = page.cursor;
    } while (cursor !== null);
  }
  const find = async (handle: string) => {
    for await (const rule of list()) if (rule.handle === handle) return rule;
    return undefined;
  };
  return {
    list,
    async set(handle, action) {
      const known = await find(handle);
      if (known === undefined) return unwrap(POST('/v1/sender-rules', { body: { handle, action } }));
      const params = { path: { id: known.id } };
      return unwrap(PATCH('/v1/sender-rules/{id}', { params, body: { action } }));
    },
    async remove(handle) {
      const known = await find(handle);
      if (known === undefined) throw notFound(`Rule for ${handle}`);
      await unwrap(DELETE('/v1/sender-rules/{id}', { params: { path: { id: known.id } } }));
    },
  };
}

const toOutput = ({ id, handle, action, createdAt, updatedAt }: SenderRule): SenderRuleOutput => ({
  id: formatId('rul', id),
  handle,
  action,
  created_at: new Date(createdAt).toISOString(),
  updated_at: new Date(updatedAt).toISOString(),
});
