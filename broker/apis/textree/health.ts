/** `/api/v1/health`. */

import { healthApi } from '../../http/health-api.ts';
import { about } from './description.ts';
import { renderError } from './errors.ts';

export const textreeHealthApi = () =>
  healthApi({
    ...{ name: 'textree-health', about, renderError },
    path: '/api/v1/health',
    summary: 'Whether the API is up',
    healthy: 'It is.',
  });
