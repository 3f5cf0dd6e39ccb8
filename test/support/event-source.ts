/** Reads server-sent events from a connection, as the specification of EventSource defines. */
export interface ServerSentEvent {
  id: string;
  event: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests inspect untyped JSON
  data: any;
}

export interface EventSource {
  status: number;
  headers: Headers;
  events: ServerSentEvent[];
  comments: string[];
  /** Resolves when the broker ends the stream or the connection breaks. */
  ended: Promise<void>;
  close(): void;
}

export async function openEventSource(
  url: string,
  key: string,
  headers: Record<string, string> = {},
): Promise<EventSource> {
  const stop = new AbortController();
  const response = await fetch(url, { headers: { 'x-api-key': key, ...headers }, signal: stop.signal });
  const events: ServerSentEvent[] = [];
  const comments: string[] = [];
  const read = async () => {
    let text = '';
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const blocks = text.split('\n\n');
      text = blocks.pop()!;
      for (const block of blocks) {
        const fields = new Map(
          block
            .split('\n')
            .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
        );
        if (fields.has('')) comments.push(fields.get('')!);
        if (!fields.has('data')) continue;
        events.push({
          id: fields.get('id')!,
          event: fields.get('event')!,
          data: JSON.parse(fields.get('data')!),
        });
      }
    }
  };
  return {
    status: response.status,
    headers: response.headers,
    events,
    comments,
    ended: read().catch(() => {}),
    close: () => stop.abort(),
  };
}
