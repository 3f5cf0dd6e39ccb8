/** `/mcp/health`. */

import { healthApi } from '../../http/health-api.ts';
import { renderError } from '../textree/errors.ts';
import { about } from './description.ts';

export const mcpHealthApi = () =>
  healthApi({
    ...{ name: 'mcp-health', about, renderError },
    path: '/mcp/health',
    summary: 'Whether the tools are there',
    healthy: 'They are.',
  });
