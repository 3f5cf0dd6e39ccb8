/** Checks the authorization of /metrics for addresses that no test can use. */
import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { authorizeMetrics } from '../../../broker/metrics/access.ts';

const from = (remoteAddress: string | undefined) =>
  ({ headers: {}, socket: { remoteAddress } }) as unknown as IncomingMessage;

describe('/metrics without a token', () => {
  it.each(['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'])(
    'allows requests from %s, this machine',
    (address) => {
      expect(() => authorizeMetrics(from(address), undefined)).not.toThrow();
    },
  );

  it.each([
    ...['10.0.0.1', '192.168.1.5', '203.0.113.7', '169.254.169.254', '0.0.0.0', '::', 'fe80::1'],
    ...['::ffff:10.0.0.1', '2001:db8::1', 'localhost', '', undefined],
  ])('rejects requests from %s', (address) => {
    expect(() => authorizeMetrics(from(address), undefined)).toThrow('There is no /metrics here.');
  });
});
