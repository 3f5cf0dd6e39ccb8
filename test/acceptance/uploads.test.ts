/** Tests the limits of uploads: size, quotas, repeated ids, and the size of the database after rejected uploads. */
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databaseBytes } from '../support/broker-database.ts';
import { type HomingProcess, startHoming } from '../support/homing-process.ts';
import { pairDevice } from '../support/http-client.ts';
import { until } from '../support/until.ts';

const MB = 1024 * 1024;
const FILE = randomBytes(400_000);
const digestOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

let homing: HomingProcess;
let numbers = 0;
beforeAll(async () => {
  homing = await startHoming({
    HOMING_MEDIA_MAX_MB: '2',
    HOMING_MEDIA_QUOTA_DEVICE_MB: '4',
    HOMING_MEDIA_QUOTA_ACCOUNT_MB: '7',
  });
});
afterAll(() => homing?.dispose());

async function newDevice() {
  numbers += 1;
  const { token } = await pairDevice(homing, `+1415555${8300 + numbers}`);
  return { token, upload: (id: string, bytes: Buffer, headers = {}) => upload(token, id, bytes, headers) };
}

async function upload(token: string, id: string, bytes: Buffer, headers: Record<string, string> = {}) {
  const response = await fetch(`${homing.url}/relay/v1/media/${id}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'image/heic', ...headers },
    body: new Uint8Array(bytes),
  });
  return { status: response.status, body: (await response.json()) as { error: { message: string } } };
}

const temporaryFiles = () => {
  const folder = join(homing.dataDir, 'uploads');
  return existsSync(folder) ? readdirSync(folder) : [];
};

describe('an upload', () => {
  it('in chunks without a size is rejected at the limit, and writes nothing to the database', async () => {
    const { token } = await newDevice();
    const before = await databaseBytes(homing);
    const socket = connect(Number(new URL(homing.url).port), '127.0.0.1');
    socket.on('error', () => {});
    let response = '';
    socket.on('data', (text) => {
      response += text;
    });
    socket.write(
      `PUT /relay/v1/media/huge HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\n` +
        'content-type: image/heic\r\ntransfer-encoding: chunked\r\n\r\n',
    );
    const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
    for (let i = 0; i < 130 * 16 && response === '' && !socket.destroyed; i += 1) {
      if (!socket.write(chunk)) await new Promise((resolve) => setImmediate(resolve));
    }
    await until('the response', () => response.includes('limit of the broker'));
    expect(response).toMatch(/^HTTP\/1.1 413 /);
    expect((await databaseBytes(homing)) - before).toBeLessThan(MB);
    await until('the temporary file to be deleted', () => temporaryFiles().length === 0);
    socket.destroy();
  });

  it('leaves no temporary file after success, a wrong digest or a disconnect', async () => {
    const { token, upload } = await newDevice();
    const before = await databaseBytes(homing);
    expect((await upload('wrong', FILE, { 'x-content-sha256': 'a'.repeat(64) })).status).toBe(400);
    const socket = connect(Number(new URL(homing.url).port), '127.0.0.1');
    socket.on('error', () => {});
    socket.write(
      `PUT /relay/v1/media/cut HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\n` +
        `content-type: image/heic\r\ncontent-length: ${MB}\r\n\r\n${'x'.repeat(200_000)}`,
    );
    await until('the temporary file', () => temporaryFiles().length === 1);
    const [name] = temporaryFiles();
    expect(statSync(join(homing.dataDir, 'uploads', name!)).mode & 0o777).toBe(0o600);
    socket.destroy();
    await until('the temporary file to be deleted', () => temporaryFiles().length === 0);
    expect((await databaseBytes(homing)) - before).toBeLessThan(200_000);
    expect((await upload('right', FILE)).body).toEqual({
      id: 'right',
      size: FILE.length,
      sha256: digestOf(FILE),
    });
    expect(temporaryFiles()).toEqual([]);
  });

  it('with the id of another file is a conflict, with and without a digest, also at the same time', async () => {
    const { upload } = await newDevice();
    const other = randomBytes(FILE.length);
    expect((await upload('same', FILE)).status).toBe(200);
    expect((await upload('same', FILE)).status).toBe(200);
    expect((await upload('same', other)).status).toBe(409);
    expect((await upload('same', FILE.subarray(1))).status).toBe(409);
    expect((await upload('same', other, { 'x-content-sha256': digestOf(other) })).status).toBe(409);
    const both = await Promise.all([upload('race', FILE), upload('race', other)]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
  });

  it('beyond the quota of the device or the account is rejected', async () => {
    const [first, second] = [await newDevice(), await newDevice()];
    const file = randomBytes(1.2 * MB);
    for (const id of ['a', 'b', 'c']) expect((await first.upload(id, file)).status).toBe(200);
    const full = await first.upload('d', file);
    expect(full.status).toBe(413);
    expect(full.body.error.message).toContain(
      'The stored attachments of this device have reached the limit of 4 MB.',
    );
    // The other tests have stored 1.2 MB for this account.
    expect((await second.upload('a', file)).status).toBe(200);
    const accountFull = await second.upload('b', file);
    expect(accountFull.status).toBe(413);
    expect(accountFull.body.error.message).toContain('HOMING_MEDIA_QUOTA_ACCOUNT_MB');
    // A stored file is confirmed although the quota is used up.
    expect((await first.upload('a', file)).status).toBe(200);
    await homing.stop();
    await homing.restart();
    expect((await first.upload('d', file)).status).toBe(413);
  });
});
