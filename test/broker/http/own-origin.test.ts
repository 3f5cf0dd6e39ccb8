/** Tests which host names belong to the broker. The other tests of the origin are in test/http/dashboard. */
import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { createOwnOrigin } from '../../../broker/http/own-origin.ts';

const proxies = { isTrustedProxy: () => false };
const requestTo = (host: string) =>
  ({ headers: { host }, socket: { remoteAddress: '10.0.0.1' } }) as unknown as IncomingMessage;

describe('the own origin', () => {
  it('includes the name in HOMING_HOST, with any port', () => {
    const { of } = createOwnOrigin({ publicUrl: undefined, host: 'Broker.lan' }, proxies);
    expect(of(requestTo('broker.lan:8080'))).toBe('http://broker.lan:8080');
    expect(() => of(requestTo('other.lan:8080'))).toThrow('other.lan:8080');
  });

  it('is the origin of the public URL, without its path and its default port', () => {
    const { of } = createOwnOrigin({ publicUrl: 'https://example.com/homing', host: '127.0.0.1' }, proxies);
    expect(of(requestTo('example.com'))).toBe('https://example.com');
    expect(of(requestTo('example.com:443'))).toBe('https://example.com');
    expect(() => of(requestTo('example.com:80'))).toThrow('example.com:80');
  });

  it.each(['', 'a b', 'a/b', '[::1', '127.0.0.1:x', 'localhost:', '.'])('rejects the host %j', (host) => {
    const { of } = createOwnOrigin({ publicUrl: undefined, host: '127.0.0.1' }, proxies);
    expect(() => of(requestTo(host))).toThrow('The dashboard is not served at the host');
  });
});
