import { expect, it, onTestFinished } from 'vitest';
import { conversationDetailTool } from '../../../../broker/apis/mcp/conversation-detail-tool.ts';
import type { ToolOptions } from '../../../../broker/apis/mcp/options.ts';
import type { AnyTool } from '../../../../broker/apis/mcp/tool.ts';
import { Projector } from '../../../../broker/core/inbox/projector.ts';
import { recordInbound } from '../../../../broker/core/messages/receive-message.ts';
import { formatId } from '../../../../shared/ids.ts';
import { inboundItem } from '../../../../shared/protocol.ts';
import { temporaryStore } from '../../../support/temporary-store.ts';

const CHAT = 'iMessage;+;chat1';
const ADA = '+14155550100';

it('conversations.get returns the name of a group that is changed meanwhile, as its changes do', async () => {
  const base = await temporaryStore();
  onTestFinished(() => base.close());
  const { store } = base;
  const number = await base.addNumber('+14155550199');
  const record = async (item: object) => {
    base.advance(1_000);
    const sentAt = new Date(base.now()).toISOString();
    const whole = inboundItem.parse({ guid: sentAt, from: ADA, chat: CHAT, sent_at: sentAt, ...item });
    await store.transaction((tx) =>
      recordInbound(tx, { id: 'device', tenantId: base.live.id, numbers: [number] }, [whole], {
        ...{ now: base.now(), ids: base.ids, lateMs: Number.POSITIVE_INFINITY },
      }),
    );
  };
  await record({ text: 'hi', participants: [ADA, 'eva@example.com'] });
  const projector = new Projector({ store, context: base.context });
  await projector.catchUp();
  const { conversationId } = (await store.read.groups.findByGuid(number.id, CHAT))!;

  const read = {
    ...store.read,
    groups: {
      ...store.read.groups,
      async changesOf(...args: Parameters<typeof store.read.groups.changesOf>) {
        const at = new Date(base.now() + 1_000).toISOString();
        await record({ change: { of: CHAT, kind: 'renamed', value: 'Friday', at } });
        return store.read.groups.changesOf(...args);
      },
    },
  };
  const tool: AnyTool = conversationDetailTool({
    ...{ store: { ...store, read }, projector },
  } as unknown as ToolOptions);
  const input = { conversation_id: formatId('conv', conversationId), limit: 10 };
  const result = await tool.run({ tenant: base.live } as Parameters<AnyTool['run']>[0], input);
  expect(result).toMatchObject({ conversation: { name: 'Friday' }, changes: [{ value: 'Friday' }] });
});
