/** Checks that fetches of untrusted URLs reach public addresses only. */
import { describe, expect, it } from 'vitest';
import { guardedFetch } from '../../../broker/egress/guarded-fetch.ts';
import { isPublicAddress } from '../../../shared/public-addresses.ts';
import { startFileServer } from '../../support/file-server.ts';

describe('the address', () => {
  it.each([
    ...['0.0.0.0', '10.1.2.3', '100.64.0.1', '127.0.0.1', '169.254.169.254', '172.16.0.1', '192.168.1.1'],
    ...[
      '192.0.0.1',
      '192.0.2.1',
      '198.18.0.1',
      '198.51.100.1',
      '203.0.113.1',
      '224.0.0.1',
      '255.255.255.255',
    ],
    ...[
      '::',
      '::1',
      'fc00::1',
      'fe80::1',
      'ff02::1',
      '::ffff:127.0.0.1',
      '::ffff:a9fe:a9fe',
      '64:ff9b::a00:1',
      '::127.0.0.1',
      '::7f00:1',
      '168.63.129.16',
      '::ffff:168.63.129.16',
    ],
    ...['2002:a00:1::', '2001::1', '2001:db8::1', 'not an address', ''],
  ])('%s is not public', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each(['1.1.1.1', '93.184.216.34', '::ffff:1.1.1.1', '2606:4700::1111'])('%s is public', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });
});

describe('a guarded fetch', () => {
  const fetchPublic = guardedFetch({ allowsPrivate: false });

  it.each([
    'http://example.com/',
    'ftp://example.com/',
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
  ])('is blocked for %s', async (url) => {
    await expect(fetchPublic(url, 1)).rejects.toMatchObject({
      name: 'EgressBlockedError',
      isTemporary: false,
    });
  });

  it('is blocked for a hostname that resolves to this machine', async () => {
    await expect(fetchPublic('https://localhost:1/', 1)).rejects.toThrow(
      'localhost is not a public internet address.',
    );
  });

  it('stops at the size limit without a Content-Length, and stops at the timeout', async () => {
    const fetchAny = guardedFetch({ allowsPrivate: true });
    const server = await startFileServer((request, response) => {
      if (request.url === '/silent') return;
      response.write(Buffer.alloc(600));
      response.end(Buffer.alloc(600));
    });
    try {
      await expect(fetchAny(server.url, 1000)).rejects.toThrow('The file is larger than');
      expect((await fetchAny(server.url, 1200)).bytes).toHaveLength(1200);
      const impatient = guardedFetch({ allowsPrivate: true, timeoutMs: 200 });
      const late = { isTemporary: true, message: 'The server did not respond in time.' };
      await expect(impatient(`${server.url}/silent`, 10)).rejects.toMatchObject(late);
    } finally {
      server.close();
    }
  });
});
