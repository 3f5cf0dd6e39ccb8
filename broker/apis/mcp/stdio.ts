/**
 * MCP over standard input and output, for a client that starts the program itself. Whoever closes the input is still
 * answered what they asked before.
 */
import type { Readable, Writable } from 'node:stream';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { RequestId } from '@modelcontextprotocol/sdk/types.js';
import type { protocolServers } from './protocol-server.ts';

export interface StdioOptions {
  input: Readable;
  output: Writable;
  /** What came and could not be read. */
  onProblem(problem: Error): void;
}

/** Settles when the input has ended and everything is answered. */
export async function serveStdio(
  server: ReturnType<ReturnType<typeof protocolServers>>,
  { input, output, onProblem }: StdioOptions,
): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.onclose = resolve;
  });
  server.onerror = onProblem;
  const open = new Set<RequestId>();
  let isEnded = false;
  const closeWhenDone = async () => {
    if (isEnded && open.size === 0) await server.close();
  };
  const streams = new StdioServerTransport(input, output);
  const transport: Transport = {
    start: () => streams.start(),
    close: () => streams.close(),
    async send(message) {
      await streams.send(message);
      if ('method' in message || message.id === undefined) return;
      open.delete(message.id);
      await closeWhenDone();
    },
  };
  streams.onclose = () => transport.onclose?.();
  streams.onerror = (problem) => transport.onerror?.(problem);
  streams.onmessage = (message) => {
    if ('method' in message) {
      if ('id' in message) open.add(message.id);
      // What is called off is not answered.
      else if (message.method === 'notifications/cancelled')
        open.delete(message.params?.requestId as RequestId);
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
