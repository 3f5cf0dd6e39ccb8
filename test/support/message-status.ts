/** How messages ended, read over the API page by page. */
export interface ListedMessage {
  id: string;
  status: string;
  direction: string;
  to: string;
  from: string;
  content: string;
}

export async function allMessages(url: string, key: string): Promise<ListedMessage[]> {
  const found: ListedMessage[] = [];
  let cursor = '';
  for (;;) {
    const response = await fetch(`${url}/v1/messages?limit=100${cursor}`, { headers: { 'x-api-key': key } });
    if (response.status !== 200)
      throw new Error(`list answered ${response.status}: ${await response.text()}`);
    const page = (await response.json()) as { messages: ListedMessage[]; cursor: string | null };
    found.push(...page.messages);
    if (page.cursor === null) return found;
    cursor = `&cursor=${page.cursor}`;
  }
}
