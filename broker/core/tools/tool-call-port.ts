/** What assistants called, as the core needs it kept. */
import type { Page } from '../inbox/inbox-port.ts';
import type { ToolCall } from './tool-calls.ts';

export interface ToolCallQueries {
  insert(call: ToolCall): Promise<void>;
  /** Newest first. */
  list(worldId: number, page: Omit<Page, 'offset'>): Promise<ToolCall[]>;
  /** Deletes what was called before the id was made. Gives how many. */
  purge(beforeId: string, limit: number): Promise<number>;
}
