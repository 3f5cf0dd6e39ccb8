/** `/mcp/health`. */
import { renderError } from '../../http/advising-errors.ts';
import { healthApi } from '../../http/health-api.ts';
import { about } from './about.ts';

export const mcpHealthApi = () =>
  healthApi({
    ...{ name: 'mcp-health', about, renderError },
    path: '/mcp/health',
    summary: 'Whether the tools are there',
    healthy: 'They are.',
  });
