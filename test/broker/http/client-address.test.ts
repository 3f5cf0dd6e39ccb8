import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { createClientAddresses } from '../../../broker/http/client-address.ts';

const from = (remoteAddress: string, forwarded?: string) =>
  ({ socket: { remoteAddress }, headers: { 'x-forwarded-for': forwarded } }) as unknown as IncomingMessage;

describe('the address of a client', () => {
  it.each([
    ['the address of the connection', '198.51.100.7', undefined, '198.51.100.7'],
    ['without the IPv6 prefix', '::ffff:198.51.100.7', undefined, '198.51.100.7'],
    ['the /64 network of an IPv6 address', '2001:db8:1:2:3:4:5:6', undefined, '2001:db8:1:2'],
    ['not the header of an untrusted client', '198.51.100.7', '203.0.113.9', '198.51.100.7'],
    ['the header of a trusted proxy', '127.0.0.1', '203.0.113.9', '203.0.113.9'],
    ['the header of a trusted network', '::ffff:10.1.2.3', '203.0.113.9', '203.0.113.9'],
    ['not the forged part of the header', '127.0.0.1', '192.0.2.1, 203.0.113.9', '203.0.113.9'],
    ['the client before two trusted proxies', '127.0.0.1', '192.0.2.1, 203.0.113.9, 10.0.0.1', '203.0.113.9'],
    ['the trusted proxy itself without a header', '127.0.0.1', undefined, '127.0.0.1'],
    ['the trusted proxy itself with an invalid header', '127.0.0.1', 'unknown', '127.0.0.1'],
  ])('is %s', (_case, remote, forwarded, expected) => {
    expect(createClientAddresses('127.0.0.1, 10.0.0.0/8').of(from(remote, forwarded))).toBe(expected);
  });

  it('ignores the header without trusted proxies', () => {
    expect(createClientAddresses().of(from('127.0.0.1', '203.0.113.9'))).toBe('127.0.0.1');
  });
});
