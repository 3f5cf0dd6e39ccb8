import { describe, expect, it } from 'vitest';
import { explain } from '../../../relay-agent/setup/broker-probe.ts';

const failed = (code: string) =>
  new TypeError('fetch failed', { cause: Object.assign(new Error(`low-level ${code}`), { code }) });

describe('the reason why the broker is unreachable', () => {
  it.each([
    ['ENOTFOUND', 'the host name broker.example.com was not found'],
    ['ECONNREFUSED', 'the connection was refused'],
    ['UND_ERR_CONNECT_TIMEOUT', 'the connection timed out'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'this Mac does not trust the authority'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'this Mac does not trust the authority'],
    ['CERT_HAS_EXPIRED', 'has expired'],
    ['CERT_NOT_YET_VALID', 'not valid yet'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'not valid for the host name broker.example.com'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'the TLS handshake failed'],
    ['EHOSTUNREACH', 'low-level EHOSTUNREACH'],
  ])('explain returns the reason and the steps for %s', (code, sentence) => {
    const { problem, steps } = explain('https://broker.example.com', failed(code));
    expect(problem).toContain(sentence);
    expect(steps.length).toBeGreaterThan(0);
  });

  it('explain returns the reason for a timeout', () => {
    const error = new DOMException('The operation was aborted due to timeout', 'TimeoutError');
    expect(explain('https://broker.example.com', error).problem).toContain('the connection timed out');
  });
});
