/** Processes one MCP message of an HTTP request. Each message gets its own SDK server and transport. */
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js';
import type { OperationResponse } from '../../http/operation.ts';
import { type ProtocolServerOptions, protocolServers } from './protocol-server.ts';
import type { ToolCaller } from './tool.ts';

/** `version`: protocol version in the header of the request. */
export type RespondToMessage = (
  caller: ToolCaller,
  message: unknown,
  version: string | string[] | undefined,
) => Promise<OperationResponse>;

export function protocolOverHttp(options: ProtocolServerOptions): RespondToMessage {
  const serverFor = protocolServers(options);
  return async (caller, message, version) => {
    const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
    const server = serverFor(caller);
    await server.connect(transport);
    try {
      const request = new Request('http://localhost/mcp', {
        method: 'POST',
        headers: {
          // The endpoint has checked both headers. The SDK requires text/event-stream, which curl omits.
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          ...(typeof version === 'string' ? { 'mcp-protocol-version': version } : {}),
        },
      });
      return await readResponse(await transport.handleRequest(request, { parsedBody: message }));
    } finally {
      await server.close();
    }
  };
}

async function readResponse(response: Response): Promise<OperationResponse> {
  const text = await response.text();
  return text === '' ? { status: response.status } : { status: response.status, body: JSON.parse(text) };
}
