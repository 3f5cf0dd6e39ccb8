/**
 * Tools are data, as operations are: one value has what a tool is called with, what it needs, what it gives and what
 * it does, and every way of calling it (JSON-RPC, REST, standard input) is made from the same value.
 */
import { z } from 'zod';
import type { AcceptedMessage } from '../../core/messages/accept-message.ts';
import type { SendInput } from '../../core/messages/send-messages.ts';
import type { AuditRoute } from '../../core/model/audit-entry.ts';
import type { HomingError } from '../../core/model/errors.ts';
import type { Plan } from '../../core/model/plan.ts';
import type { Tenant } from '../../core/model/tenant.ts';
import type { Scope } from '../textree/scopes.ts';

/** Who has a tool called, and what is done in their name. */
export interface ToolCaller {
  tenant: Tenant;
  plan: Plan;
  /** Null: the owner of the broker, at its command line. */
  credentialId: string | null;
  through: AuditRoute;
  may(scope: Scope): boolean;
  /** Why they may do nothing any more: their key was revoked since they came in. */
  revocation(): Promise<HomingError | undefined>;
  /** @throws HomingError */
  send(request: SendInput): Promise<AcceptedMessage>;
}

export interface Tool<Input = unknown, Output extends object = object> {
  /** A thing and what is done with it, such as `messages.send`. */
  name: string;
  title: string;
  /** What the assistant reads to know when to call it. */
  description: string;
  input: z.ZodType<Input>;
  output: z.ZodType<Output>;
  /** What a token needs beside `mcp:execute`. */
  scopes: readonly Scope[];
  timeoutMs: number;
  /** It changes nothing. */
  isReadOnly: boolean;
  example: Readonly<Record<string, unknown>>;
  run(caller: ToolCaller, input: Input): Promise<Output>;
}

// biome-ignore lint/suspicious/noExplicitAny: every tool has types of its own, which only it looks at
export type AnyTool = Tool<any, any>;

export const LOOK_UP_TIMEOUT_MS = 1_000;
export const SEND_TIMEOUT_MS = 10_000;

/** Holds a tool's own types together while lists of them forget the types. */
export function tool<Input, Output extends object>(value: Tool<Input, Output>): AnyTool {
  return value;
}

/** What a tool takes: these parameters and no others, so that one that is misspelt is not passed over. */
export function parameters<Shape extends z.ZodRawShape>(shape: Shape) {
  const names = Object.keys(shape)
    .map((name) => `'${name}'`)
    .join(', ');
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `There is no parameter '${String(issue.keys[0]).slice(0, 100)}'; there are: ${names}.`
        : `The parameters must be a JSON object with: ${names}.`,
  });
}

/** A tool as MCP's clients know it. */
export function describeTool({ name, title, description, input, output, isReadOnly }: AnyTool) {
  return {
    name,
    title,
    description,
    inputSchema: jsonSchemaOf(input, 'input'),
    outputSchema: jsonSchemaOf(output, 'output'),
    annotations: {
      title,
      readOnlyHint: isReadOnly,
      // What was sent stays sent, but nothing that was there is changed by it.
      destructiveHint: false,
      openWorldHint: !isReadOnly,
    },
  };
}

export interface ObjectSchema {
  type: 'object';
  [key: string]: unknown;
}

/** Of the draft that MCP's clients check with. */
function jsonSchemaOf(schema: z.ZodType, io: 'input' | 'output'): ObjectSchema {
  const { $schema, ...converted } = z.toJSONSchema(schema, { io, target: 'draft-7' });
  return converted as ObjectSchema;
}
