/** Tests the documented errors of every operation against the responses of the broker. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeApis } from '../../broker/compose/describe-apis.ts';
import { errorCases } from '../../broker/docs-site/openapi/error-cases.ts';
import { unlistedErrors } from '../../broker/docs-site/openapi/operation-object.ts';
import type { AnyApi } from '../../broker/http/operation.ts';
import { type AllApis, startAllApis } from '../support/all-apis.ts';

describe('the documented errors', () => {
  let all: AllApis;
  let key: string;
  let operations: { api: AnyApi; operation: AnyApi['operations'][number] }[];
  beforeAll(async () => {
    all = await startAllApis();
    key = await all.newKey('default', 'test');
    operations = (await describeApis())
      .filter(({ description }) => description !== undefined)
      .flatMap((api) => api.operations.map((operation) => ({ api, operation })));
  });
  afterAll(() => all?.stop());

  it('explain every error status of every operation', () => {
    const without = operations.flatMap(({ api, operation }) =>
      [
        ...Object.keys(operation.responses).filter((status) => Number(status) >= 400),
        ...unlistedErrors(operation),
      ]
        // An operation that declares 500 and 503 has no other errors.
        .filter((status) => status !== 'default' && errorCases(api, operation, status).length === 0)
        .map((status) => `${api.name}.${operation.id} ${status}`),
    );
    expect(without).toEqual([]);
  });

  it('show the response to a request with an empty body', async () => {
    let compared = 0;
    for (const { api, operation } of operations) {
      const { method, path, body, permission } = operation;
      if (body === undefined || permission === undefined || body.safeParse({}).success) continue;
      const [shown] = ['400', '422']
        .filter((status) => status in operation.responses)
        .flatMap((status) => errorCases(api, operation, status))
        .filter(({ code }) => code === 'invalid_request');
      const response = await all.call(key, method, pathOf(path, operation.example?.params), {});
      const name = `${api.name}.${operation.id}`;
      expect(response.status, `${name}: ${response.text}`).toBe(shown!.status);
      expect(withoutRequestId(response.body), name).toEqual(withoutRequestId(shown!.body));
      compared += 1;
    }
    expect(compared).toBeGreaterThan(15);
  });
});

function pathOf(path: string, params: Record<string, string> = {}): string {
  return path.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? 'default'));
}

function withoutRequestId(body: unknown): unknown {
  return JSON.parse(JSON.stringify(body).replaceAll(/"req_\w+"/g, '"req"'));
}
