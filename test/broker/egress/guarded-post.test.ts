/** Checks that webhook requests to 42 private addresses and notations of them are blocked before they are sent. */
import { describe, expect, it } from 'vitest';
import { WithheldError } from '../../../broker/egress/errors.ts';
import { guardedPost } from '../../../broker/egress/guarded-post.ts';
import { startReceiver } from '../../support/receiver.ts';

const BLOCKED = [
  'http://example.com/',
  'ftp://example.com/',
  'file:///etc/passwd',
  'gopher://127.0.0.1:25/',
  'https://127.0.0.1/',
  'https://127.0.0.1:6379/',
  'https://127.1/',
  'https://127.255.255.254/',
  'https://2130706433/',
  'https://0x7f000001/',
  'https://0x7f.1/',
  'https://0177.0.0.1/',
  'https://017700000001/',
  'https://0/',
  'https://0.0.0.0/',
  'https://10.0.0.1/',
  'https://10.255.255.255/',
  'https://172.16.0.1/',
  'https://172.31.255.255/',
  'https://192.168.0.1/',
  'https://169.254.169.254/latest/meta-data/',
  'https://169.254.170.2/',
  'https://100.100.100.200/',
  'https://100.64.0.1/',
  'https://198.18.0.1/',
  'https://192.0.2.1/',
  'https://224.0.0.1/',
  'https://255.255.255.255/',
  'https://[::1]/',
  'https://[::]/',
  'https://[::ffff:127.0.0.1]/',
  'https://[::ffff:7f00:1]/',
  'https://[::ffff:169.254.169.254]/',
  'https://[64:ff9b::7f00:1]/',
  'https://[fe80::1]/',
  'https://[fc00::1]/',
  'https://[fd00:ec2::254]/',
  'https://[2002:7f00:1::]/',
  'https://[ff02::1]/',
  'https://①②⑦.⓪.⓪.①/',
  'https://localhost/',
  'https://LOCALHOST:8080/',
] as const;

describe('a webhook request', () => {
  const post = guardedPost({ allowsPrivate: false, timeoutMs: 5_000 });

  it.each(BLOCKED)('is blocked for %s', async (url) => {
    await expect(post(url, {}, '{}')).rejects.toMatchObject({
      name: 'EgressBlockedError',
      message: expect.stringMatching(/is not a public internet address|allowed: https/),
    });
  });

  it('is sent unchanged, and a redirect is not followed', async () => {
    const receiver = await startReceiver();
    const allowed = guardedPost({ allowsPrivate: true, timeoutMs: 5_000 });
    try {
      receiver.respondWith((response) =>
        response.writeHead(302, { location: `${receiver.url}/other` }).end('moved'),
      );
      const posted = await allowed(receiver.url, { 'x-a': 'b' }, '{"a":1}');
      expect(posted).toEqual({ statusCode: 302, bodyStart: 'moved', retryAfter: undefined });
      expect(receiver.received.map(({ path, raw, headers }) => [path, raw, headers['x-a']])).toEqual([
        ['/hook', '{"a":1}', 'b'],
      ]);
      receiver.respondWith(() => {});
      const impatient = guardedPost({ allowsPrivate: true, timeoutMs: 200 });
      await expect(impatient(receiver.url, {}, '{}')).rejects.toThrow('The server did not respond in time.');
    } finally {
      await receiver.close();
    }
  });

  it('returns the first 2 KB of a long response', async () => {
    const receiver = await startReceiver();
    receiver.respondWith((response) => {
      response.writeHead(200);
      response.write('x'.repeat(100_000));
    });
    try {
      const allowed = guardedPost({ allowsPrivate: true, timeoutMs: 5_000 });
      const { bodyStart } = await allowed(receiver.url, {}, '{}');
      expect(bodyStart).toBe('x'.repeat(2_048));
    } finally {
      await receiver.close();
    }
  });
});

it('a request is withheld if it may not be sent any more when its connection is open', async () => {
  const receiver = await startReceiver();
  try {
    let maySend = true;
    const post = guardedPost({ allowsPrivate: true, timeoutMs: 10_000, maySend: () => maySend });
    const sending = post(receiver.url, { 'content-type': 'application/json' }, '{}');
    maySend = false;
    await expect(sending).rejects.toBeInstanceOf(WithheldError);
    expect(receiver.received).toEqual([]);
    maySend = true;
    expect((await post(receiver.url, { 'content-type': 'application/json' }, '{}')).statusCode).toBe(200);
  } finally {
    await receiver.close();
  }
});
