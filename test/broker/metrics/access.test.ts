/** Addresses from which no test can call. */
import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { admit } from '../../../broker/metrics/access.ts';

const from = (remoteAddress: string | undefined) =>
  ({ headers: {}, socket: { remoteAddress } }) as unknown as IncomingMessage;

describe('the figures without a token', () => {
  it.each(['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'])('are for %s, this machine', (address) => {
    expect(() => admit(from(address), undefined)).not.toThrow();
  });

  it.each([
    ...['10.0.0.1', '192.168.1.5', '203.0.113.7', '169.254.169.254', '0.0.0.0', '::', 'fe80::1'],
    ...['::ffff:10.0.0.1', '2001:db8::1', 'localhost', '', undefined],
  ])('are not for %s', (address) => {
    expect(() => admit(from(address), undefined)).toThrow('There is no /metrics here.');
  });
});
