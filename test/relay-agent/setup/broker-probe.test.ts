import { describe, expect, it } from 'vitest';
import { explain } from '../../../relay-agent/setup/broker-probe.ts';

const failed = (code: string) =>
  new TypeError('fetch failed', { cause: Object.assign(new Error(`low-level ${code}`), { code }) });

describe('why the broker can not be reached', () => {
  it.each([
    ['ENOTFOUND', 'the name broker.example.com is not known'],
    ['ECONNREFUSED', 'nothing listens there'],
    ['UND_ERR_CONNECT_TIMEOUT', 'does not answer in time'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'an authority that this Mac does not know'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'an authority that this Mac does not know'],
    ['CERT_HAS_EXPIRED', 'has expired'],
    ['CERT_NOT_YET_VALID', 'not valid yet'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'for another name than broker.example.com'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'no TLS connection came about'],
    ['EHOSTUNREACH', 'low-level EHOSTUNREACH'],
  ])('is said for %s, with what to do', (code, sentence) => {
    const { problem, steps } = explain('https://broker.example.com', failed(code));
    expect(problem).toContain(sentence);
    expect(steps.length).toBeGreaterThan(0);
  });

  it('is said for a broker that keeps silent', () => {
    const error = new DOMException('The operation was aborted due to timeout', 'TimeoutError');
    expect(explain('https://broker.example.com', error).problem).toContain('does not answer in time');
  });
});
