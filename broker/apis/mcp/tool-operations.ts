/** Serves the tools as REST operations, for programs without MCP. */
import { z } from 'zod';
import type { Caller } from '../../core/accounts/caller.ts';
import { HomingError } from '../../core/model/errors.ts';
import { type Operation, operation } from '../../http/operation.ts';
import { anObject } from '../../http/request-schemas.ts';
import { errorResponse } from '../textree/errors.ts';
import type { RunTool } from './run-tool.ts';
import { type AnyTool, describeTool, type ToolCaller } from './tool.ts';

export interface ToolOperationOptions {
  tools: readonly AnyTool[];
  runTool: RunTool;
  callerOf(caller: Caller, through: 'rest'): ToolCaller;
}

const jsonSchema = z.record(z.string(), z.unknown()).describe('JSON Schema.');

const toolList = z.object({
  tools: z
    .array(
      z
        .object({
          name: z.string().describe('Name of the tool, as in the path of a call.'),
          title: z.string().describe('Display name.'),
          description: z.string().describe('Purpose of the tool, for the model.'),
          scopes: z.array(z.string()).describe('Scopes that a token needs to run the tool.'),
          read_only: z.boolean().describe('Whether the tool changes nothing and sends nothing.'),
          timeout_ms: z.number().int().describe('Maximum duration of a call, in milliseconds.'),
          input_schema: jsonSchema.describe('JSON Schema of the parameters.'),
          output_schema: jsonSchema.describe('JSON Schema of the result.'),
        })
        .meta({ title: 'Tool' }),
    )
    .describe('All tools.'),
});

const runBody = anObject({
  params: z
    .unknown()
    .optional()
    .describe('Parameters of the tool, by its input_schema; default: none.')
    .meta({ type: 'object' }),
});

const runResult = z.object({
  tool: z.string().describe('Name of the tool.'),
  result: z.record(z.string(), z.unknown()).describe('Result of the tool, by its output_schema.'),
});

export function toolOperations({ tools, runTool, callerOf }: ToolOperationOptions): Operation<Caller>[] {
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  const body = { tools: tools.map(serializeTool) };

  return [
    operation({
      id: 'listTools',
      method: 'GET',
      path: '/mcp/tools',
      summary: 'List the tools',
      permission: 'mcp:read',
      responses: { 200: { description: 'All tools.', schema: toolList } },
      handle: async () => ({ status: 200, body }),
    }),
    operation({
      id: 'runTool',
      method: 'POST',
      path: '/mcp/tools/:name',
      summary: 'Run a tool and record the call in the audit log',
      permission: 'mcp:execute',
      body: runBody,
      errors: ['recipient_suppressed', 'spend_limit_exceeded', 'recipient_not_verified'],
      responses: {
        200: { description: 'The result of the tool.', schema: runResult },
        402: errorResponse,
        403: errorResponse,
        404: errorResponse,
        422: errorResponse,
        504: errorResponse,
      },
      example: {
        params: { name: 'messages.preview' },
        body: { params: { phone_number: '+15005550014', body: 'Hello from Homing' } },
      },
      async handle({ caller, params: { name = '' }, body: { params } }) {
        const tool = byName.get(name);
        if (tool === undefined) {
          throw new HomingError('not_found', `Unknown tool '${name.slice(0, 100)}'.`, {
            fix: `Use one of: ${[...byName.keys()].join(', ')}.`,
          });
        }
        const result = await runTool(tool, callerOf(caller, 'rest'), params);
        return { status: 200, body: { tool: tool.name, result } };
      },
    }),
  ];
}

function serializeTool(tool: AnyTool): z.infer<typeof toolList>['tools'][number] {
  const { name, title, description, inputSchema, outputSchema } = describeTool(tool);
  return {
    name,
    title,
    description,
    scopes: ['mcp:execute', ...tool.scopes],
    read_only: tool.isReadOnly,
    timeout_ms: tool.timeoutMs,
    input_schema: inputSchema,
    output_schema: outputSchema,
  };
}
