/** Tests how the broker serves the page of the dashboard. */
import { type IncomingHttpHeaders, request } from 'node:http';
import { brotliDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signIn } from '../../support/dashboard.ts';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';

const FIRST_LOAD_MAX_BYTES = 250_000;

let homing: HomingProcess;
beforeAll(async () => {
  homing = await startHoming();
});
afterAll(() => homing?.dispose());

const browser = { accept: 'text/html,*/*;q=0.8' };

/** Returns the files that the HTML loads, those of the inbox, and those that their programs import at once. */
async function firstLoad(): Promise<string[]> {
  const html = await (await fetch(homing.url, { headers: browser })).text();
  const named = [...html.matchAll(/(?:src|href)="\.\/(assets\/[^"]+)"/g)].map((match) => match[1]!);
  const program = await (
    await fetch(
      `${homing.url}/dashboard/${named.find((file) => file.includes('index') && file.endsWith('.js'))}`,
    )
  ).text();
  const inbox = [...program.matchAll(/inbox-page-[\w-]+\.(?:js|css)/g)].map(([file]) => `assets/${file}`);
  expect(inbox.length).toBeGreaterThanOrEqual(2);
  const found = new Set([...named, ...inbox]);
  for (const file of found) {
    if (!file.endsWith('.js')) continue;
    const code = await (await fetch(`${homing.url}/dashboard/${file}`)).text();
    for (const [, name] of code.matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g)) found.add(`assets/${name}`);
  }
  return [...found];
}

/** `fetch` would decompress the response. */
function getCompressed(url: string): Promise<{ headers: IncomingHttpHeaders; bytes: Buffer }> {
  return new Promise((resolve, reject) => {
    request(url, { headers: { 'accept-encoding': 'gzip, deflate, br' } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ headers: response.headers, bytes: Buffer.concat(chunks) }));
    })
      .on('error', reject)
      .end();
  });
}

describe('the page of the dashboard', () => {
  it('is served to browsers at / and at each address of the page, with a new nonce each time', async () => {
    const nonces = new Set<string>();
    for (const path of [
      '/',
      '/dashboard',
      '/dashboard/inbox/conv_1',
      '/dashboard/test/messages?status=failed',
    ]) {
      const response = await fetch(homing.url + path, { headers: browser });
      expect(response.status, path).toBe(200);
      expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(response.headers.get('cache-control')).toBe('no-store');
      const policy = response.headers.get('content-security-policy') ?? '';
      const nonce = /'nonce-([^']+)'/.exec(policy)?.[1] ?? '';
      expect(policy).toBe(
        `default-src 'none'; script-src 'self'; style-src 'self' 'nonce-${nonce}'; img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'self'; frame-ancestors 'none'`,
      );
      const html = await response.text();
      expect(html).toContain('<base href="/dashboard/" />');
      expect(html).toContain(`nonce="${nonce}"`);
      nonces.add(nonce);
    }
    expect(nonces.size).toBe(4);
  });

  it('names its files below the path prefix of HOMING_PUBLIC_URL', async () => {
    const behindProxy = await startHoming({ HOMING_PUBLIC_URL: 'http://127.0.0.1/homing' });
    try {
      const html = await (await fetch(behindProxy.url, { headers: browser })).text();
      expect(html).toContain('<base href="/homing/dashboard/" />');
    } finally {
      await behindProxy.dispose();
    }
  });

  it('loads at most 250 KB at first, compressed; browsers keep the files', async () => {
    let bytes = 0;
    for (const file of await firstLoad()) {
      const url = `${homing.url}/dashboard/${file}`;
      const { headers, bytes: sent } = await getCompressed(url);
      expect(headers['content-encoding'], file).toBe('br');
      expect(headers['cache-control'], file).toBe('public, max-age=31536000, immutable');
      bytes += sent.length;
    }
    expect(bytes).toBeGreaterThan(50_000);
    expect(bytes).toBeLessThanOrEqual(FIRST_LOAD_MAX_BYTES);
  });

  it('compresses long lists for the page', async () => {
    const member = await signIn(homing);
    const list = async (encoding: string) => {
      const response = await fetch(`${homing.url}/dashboard/api/live/keys`, {
        headers: { cookie: member.cookie, 'accept-encoding': encoding },
      });
      return { encoding: response.headers.get('content-encoding'), body: await response.json() };
    };
    for (let count = 0; count < 10; count += 1) {
      const body = { label: `Key ${count}`, permissions: ['messages:read'], prefix: 'tb' };
      expect((await member.post('/live/keys', body)).status).toBe(201);
    }
    const compressed = await list('gzip');
    expect(compressed.encoding).toBe('gzip');
    const plain = await list('identity');
    expect(plain.encoding).toBe(null);
    expect(compressed.body).toEqual(plain.body);
  });

  it('sends files that the build has compressed', async () => {
    const [file = ''] = await firstLoad();
    const plain = await (
      await fetch(`${homing.url}/dashboard/${file}`, { headers: { 'accept-encoding': 'identity' } })
    ).text();
    const { headers, bytes } = await getCompressed(`${homing.url}/dashboard/${file}`);
    expect(headers['content-encoding']).toBe('br');
    expect(brotliDecompressSync(bytes).toString()).toBe(plain);
  });

  it.each([
    '/dashboard/assets/nothing.js',
    '/dashboard/assets/..%2Findex.html',
    '/dashboard/assets/%2e%2e%2f%2e%2e%2fpackage.json',
  ])('has no file at %s', async (path) => {
    expect((await fetch(homing.url + path)).status).toBe(404);
  });
});
