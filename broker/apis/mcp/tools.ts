/** Every tool, in the order in which assistants are told of them. */
import { contactTools } from './contact-tools.ts';
import { conversationTools } from './conversation-tools.ts';
import { messageTools } from './message-tools.ts';
import type { ToolContext } from './options.ts';
import type { AnyTool } from './tool.ts';

export function allTools(options: ToolContext): readonly AnyTool[] {
  return [...contactTools(options), ...messageTools(options), ...conversationTools(options)];
}
