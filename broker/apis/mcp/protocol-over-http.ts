/** One message of the protocol and its answer, by a server and a transport that are made for it and go with it. */
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js';
import type { OperationResponse } from '../../http/operation.ts';
import { type ProtocolServerOptions, protocolServers } from './protocol-server.ts';
import type { ToolCaller } from './tool.ts';

/** `version` is that of the protocol, as the request names it. */
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
          // What was read has been looked at already; clients such as curl name no event stream.
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          ...(typeof version === 'string' ? { 'mcp-protocol-version': version } : {}),
        },
      });
      return await responseOf(await transport.handleRequest(request, { parsedBody: message }));
    } finally {
      await server.close();
    }
  };
}

async function responseOf(given: Response): Promise<OperationResponse> {
  const text = await given.text();
  return text === '' ? { status: given.status } : { status: given.status, body: JSON.parse(text) };
}
