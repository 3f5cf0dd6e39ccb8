/** `/metrics`: figures of the running broker, for Prometheus. */

import { mapPlainError } from '../http/error-response.ts';
import { type Api, operation } from '../http/operation.ts';
import { admit } from './access.ts';

export interface MetricsOptions {
  /** Undefined: only programs on this machine may read. */
  token: string | undefined;
  read(): Promise<{ contentType: string; text: string }>;
}

export function metricsApi({ token, read }: MetricsOptions): Api<undefined> {
  return {
    name: 'metrics',
    authenticate(request) {
      admit(request, token);
      return { caller: undefined, headers: {} };
    },
    mapError: (error) => ({
      ...mapPlainError(error),
      ...(error.code === 'unauthorized' ? { headers: { 'www-authenticate': 'Bearer' } } : {}),
    }),
    operations: [
      operation({
        id: 'metrics',
        method: 'GET',
        path: '/metrics',
        summary: 'Figures of the running broker, in the text format of Prometheus',
        responses: {
          200: { description: 'The figures.' },
          401: { description: 'A token is set, and was not shown.' },
          404: { description: 'No token is set, and the request did not come from this machine.' },
        },
        async handle() {
          const { contentType, text } = await read();
          return { status: 200, body: text, contentType };
        },
      }),
    ],
  };
}
