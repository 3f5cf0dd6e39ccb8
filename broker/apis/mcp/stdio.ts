/**
 * Serves MCP over standard input and output, for a client that starts the program. Requests that were received before
 * the end of the input still get their responses.
 */
import type { Readable, Writable } from 'node:stream';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { RequestId } from '@modelcontextprotocol/sdk/types.js';
import type { protocolServers } from './protocol-server.ts';

export interface StdioOptions {
  input: Readable;
  output: Writable;
  /** Called with an input that could not be parsed. */
  onProblem(problem: Error): void;
}

/** Resolves after the end of the input, when all requests have their responses. */
export async function serveStdio(
  server: ReturnType<ReturnType<typeof protocolServers>>,
  { input, output, onProblem }: StdioOptions,
): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.onclose = resolve;
  });
  server.onerror = onProblem;
  const pending = new Set<RequestId>();
  let isEnded = false;
  const closeWhenDone = async () => {
    if (isEnded && pending.size === 0) await server.close();
  };
  const stdio = new StdioServerTransport(input, output);
  const transport: Transport = {
    start: () => stdio.start(),
    close: () => stdio.close(),
    async send(message) {
      await stdio.send(message);
      if ('method' in message || message.id === undefined) return;
      pending.delete(message.id);
      await closeWhenDone();
    },
  };
  stdio.onclose = () => transport.onclose?.();
  stdio.onerror = (problem) => transport.onerror?.(problem);
  stdio.onmessage = (message) => {
    if ('method' in message) {
      if ('id' in message) pending.add(message.id);
      // A cancelled request gets no response.
      else if (message.method === 'notifications/cancelled')
        pending.delete(message.params?.requestId as RequestId);
    }
    transport.onmessage?.(message);
  };
  input.once('end', () => {
    isEnded = true;
    closeWhenDone().catch(onProblem);
  });
  await server.connect(transport);
  await closed;
}
