/** `/mcp/health`. */

import { healthApi } from '../../http/health-api.ts';
import { mapError } from '../textree/errors.ts';
import { description } from './description.ts';

export const mcpHealthApi = () =>
  healthApi({
    ...{ name: 'mcp-health', description, mapError },
    path: '/mcp/health',
    summary: 'Whether the tools are there',
    healthy: 'They are.',
  });
