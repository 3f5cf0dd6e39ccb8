/** Serves `/metrics`, the metrics of the broker for Prometheus. */
import { mapPlainError } from '../http/error-response.ts';
import { type Api, operation } from '../http/operation.ts';
import { authorizeMetrics } from './access.ts';

export interface MetricsOptions {
  /** undefined: only requests from this machine are allowed, and none if the broker has a public URL. */
  token: string | undefined;
  hasPublicUrl: boolean;
  read(): Promise<{ contentType: string; text: string }>;
}

export function metricsApi({ token, hasPublicUrl, read }: MetricsOptions): Api<undefined> {
  return {
    name: 'metrics',
    authenticate(request) {
      authorizeMetrics(request, { token, hasPublicUrl });
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
        summary: 'Metrics of the broker in the text format of Prometheus',
        responses: {
          200: { description: 'The metrics.' },
          401: { description: 'A token is set, and the request has another token or none.' },
          404: {
            description: 'No token is set, and the request comes from another machine or through a proxy.',
          },
        },
        async handle() {
          const { contentType, text } = await read();
          return { status: 200, body: text, contentType };
        },
      }),
    ],
  };
}
