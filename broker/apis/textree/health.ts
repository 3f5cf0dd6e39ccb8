/** `/api/v1/health`. */

import { healthApi } from '../../http/health-api.ts';
import { description } from './description.ts';
import { mapError } from './errors.ts';

export const textreeHealthApi = () =>
  healthApi({
    ...{ name: 'textree-health', description, mapError },
    path: '/api/v1/health',
    summary: 'Whether the API is up',
    healthy: 'It is.',
  });
