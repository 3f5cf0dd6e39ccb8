/** Checks the authorization of /metrics for addresses that no test can use. */
import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { authorizeMetrics } from '../../../broker/metrics/access.ts';

const from = (remoteAddress: string | undefined, headers: Record<string, string> = {}) =>
  ({
    headers: { host: 'localhost:8080', ...headers },
    socket: { remoteAddress },
  }) as unknown as IncomingMessage;
const authorize = (request: IncomingMessage, hasPublicUrl = false) =>
  authorizeMetrics(request, { token: undefined, hasPublicUrl });

describe('/metrics without a token', () => {
  it.each(['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'])(
    'allows requests from %s, this machine',
    (address) => {
      expect(() => authorize(from(address))).not.toThrow();
    },
  );

  it.each([
    ...['10.0.0.1', '192.168.1.5', '203.0.113.7', '169.254.169.254', '0.0.0.0', '::', 'fe80::1'],
    ...['::ffff:10.0.0.1', '2001:db8::1', 'localhost', '', undefined],
  ])('rejects requests from %s', (address) => {
    expect(() => authorize(from(address))).toThrow('There is no /metrics here.');
  });

  it.each(['localhost', 'LOCALHOST:80', '127.0.0.1:8080', '[::1]:8080', '[::1]'])(
    'allows the host %s',
    (host) => {
      expect(() => authorize(from('127.0.0.1', { host }))).not.toThrow();
    },
  );

  it.each(['evil.example:8080', 'localhost.evil.example', '10.0.0.1', '127.0.0.1.evil.example', ''])(
    'rejects the host %j, which DNS rebinding may have led here',
    (host) => {
      expect(() => authorize(from('127.0.0.1', { host }))).toThrow('There is no /metrics here.');
    },
  );

  it.each([
    'x-forwarded-for',
    'x-forwarded-host',
    'x-forwarded-proto',
    'forwarded',
    'via',
    'x-real-ip',
    'cf-ray',
  ])('rejects requests with the header %s of a proxy', (name) => {
    expect(() => authorize(from('127.0.0.1', { [name]: 'x' }))).toThrow('There is no /metrics here.');
  });

  it('rejects every request if the broker has a public URL', () => {
    expect(() => authorize(from('127.0.0.1'), true)).toThrow('There is no /metrics here.');
  });
});
