/** `/api/v1/health`. */
import { renderError } from '../../http/advising-errors.ts';
import { healthApi } from '../../http/health-api.ts';
import { about } from './about.ts';

export const textreeHealthApi = () =>
  healthApi({
    ...{ name: 'textree-health', about, renderError },
    path: '/api/v1/health',
    summary: 'Whether the API is up',
    healthy: 'It is.',
  });
