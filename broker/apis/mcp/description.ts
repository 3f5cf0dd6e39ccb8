/** What is served for assistants, for its description. */

import type { ApiDescription } from '../../http/operation.ts';
import { errorBody } from '../textree/errors.ts';

export const description: ApiDescription = {
  name: 'mcp',
  title: 'MCP',
  summary:
    'Tools for assistants: by the Model Context Protocol (Streamable HTTP, without sessions), and each as a plain request.',
  keysIn: ['bearer', 'x-api-key'],
  error: errorBody,
  params: { name: 'The name of a tool, as the list of tools has it.' },
};
