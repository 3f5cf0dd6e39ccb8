/**
 * Defines tools as data, like operations: one value holds the name, the schemas, the scopes and the handler of a tool.
 * All transports (JSON-RPC, REST, standard input) are made from the same value.
 */
import { z } from 'zod';
import type { AcceptedMessage } from '../../core/messages/accept-message.ts';
import type { ActionRequest } from '../../core/messages/action-rules.ts';
import type { GroupRequest } from '../../core/messages/open-group.ts';
import type { SendInput } from '../../core/messages/send-messages.ts';
import type { AuditRoute } from '../../core/model/audit-entry.ts';
import type { HomingError } from '../../core/model/errors.ts';
import type { GroupChat } from '../../core/model/group-chat.ts';
import type { Message } from '../../core/model/message.ts';
import type { Plan } from '../../core/model/plan.ts';
import type { Tenant } from '../../core/model/tenant.ts';
import type { Scope } from '../textree/scopes.ts';

/** Authenticated caller of a tool. */
export interface ToolCaller {
  tenant: Tenant;
  plan: Plan;
  /** Null: the broker's owner at the command line. */
  credentialId: string | null;
  through: AuditRoute;
  may(scope: Scope): boolean;
  /** Returns an error if the key was revoked after the authentication. */
  revocation(): Promise<HomingError | undefined>;
  /** @throws HomingError */
  send(request: SendInput): Promise<AcceptedMessage>;
  /** Queues an action on a message. Null: the change was made at once. @throws HomingError */
  act(request: ActionRequest): Promise<Message | null>;
  /** @throws HomingError */
  openGroup(request: GroupRequest): Promise<GroupChat>;
}

export interface Tool<Input = unknown, Output extends object = object> {
  /** Resource and verb, such as `messages.send`. */
  name: string;
  title: string;
  /** Read by the assistant to decide when to call the tool. */
  description: string;
  input: z.ZodType<Input>;
  output: z.ZodType<Output>;
  /** Required scopes in addition to `mcp:execute`. */
  scopes: readonly Scope[];
  timeoutMs: number;
  /** Whether the tool changes nothing. */
  isReadOnly: boolean;
  /** Whether the tool changes or removes sent messages. Default: false. */
  isDestructive?: boolean;
  example: Readonly<Record<string, unknown>>;
  run(caller: ToolCaller, input: Input): Promise<Output>;
}

// biome-ignore lint/suspicious/noExplicitAny: each tool has its own types, which only that tool reads
export type AnyTool = Tool<any, any>;

export const LOOK_UP_TIMEOUT_MS = 1_000;
export const SEND_TIMEOUT_MS = 10_000;

/** Checks the types of one tool; a list of tools erases them. */
export function tool<Input, Output extends object>(value: Tool<Input, Output>): AnyTool {
  return value;
}

/** Schema of a tool's parameters. Unknown parameters are rejected, so that a misspelling is reported. */
export function parameters<Shape extends z.ZodRawShape>(shape: Shape) {
  const names = Object.keys(shape)
    .map((name) => `'${name}'`)
    .join(', ');
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `Unknown parameter '${String(issue.keys[0]).slice(0, 100)}'. Allowed parameters: ${names}.`
        : `The parameters must be a JSON object with: ${names}.`,
  });
}

/** Describes a tool in the format of MCP. */
export function describeTool(described: AnyTool) {
  const { name, title, description, input, output, isReadOnly, isDestructive = false } = described;
  return {
    name,
    title,
    description,
    inputSchema: jsonSchemaOf(input, 'input'),
    outputSchema: jsonSchemaOf(output, 'output'),
    annotations: {
      title,
      readOnlyHint: isReadOnly,
      // A send cannot be undone, but it changes no existing data.
      destructiveHint: isDestructive,
      openWorldHint: !isReadOnly,
    },
  };
}

export interface ObjectSchema {
  type: 'object';
  [key: string]: unknown;
}

/** Uses draft 7, which MCP clients validate with. */
function jsonSchemaOf(schema: z.ZodType, io: 'input' | 'output'): ObjectSchema {
  const { $schema, ...converted } = z.toJSONSchema(schema, { io, target: 'draft-7' });
  return converted as ObjectSchema;
}
