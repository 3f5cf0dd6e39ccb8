/** Recognizes the row that shows the preview of a link in the text before it. */
import { LINK_PREVIEW_APP } from '../chat-db/app-message.ts';
import type { ChatDatabase } from '../chat-db/chat-database.ts';
import type { ChatRow } from '../chat-db/chat-row.ts';

/** Messages writes the preview as a separate row within this time. A link without a text is one row. */
const PREVIEW_MAX_MS = 5_000;

export function isLinkPreview(row: ChatRow, chat: Pick<ChatDatabase, 'precedingInChat'>): boolean {
  if (row.appId !== LINK_PREVIEW_APP || row.text === '') return false;
  const before = chat.precedingInChat(row).find(({ reaction }) => reaction === undefined);
  if (before === undefined || before.appId !== undefined) return false;
  const waitedMs = (row.sentAt ?? 0) - (before.sentAt ?? 0);
  return (
    before.isFromMe === row.isFromMe &&
    before.handle === row.handle &&
    waitedMs >= 0 &&
    waitedMs <= PREVIEW_MAX_MS &&
    before.text.toLowerCase().includes(row.text.toLowerCase().replace(/\/$/, ''))
  );
}
