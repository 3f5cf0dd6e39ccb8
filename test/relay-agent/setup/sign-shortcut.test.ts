/** Tests that the agent signs shortcuts and unpacks the signed file, with fakes of the programs of macOS. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildBinary, parseBinary } from 'plist';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { signShortcut, signShortcutFile } from '../../../relay-agent/setup/sign-shortcut.ts';
import { unpackShortcut } from '../../../relay-agent/setup/unpack-shortcut.ts';
import { type FakeSigner, installSigner } from '../../support/fake-mac/signing.ts';

const CONTENT = { WFWorkflowActions: [], WFWorkflowTriggers: [{ WFTriggerIdentifier: 'WFMessageTrigger' }] };

let folder: string;
let signer: FakeSigner;
let signed: Buffer;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'homing-signing-'));
  signer = await installSigner(folder, { macos: 27 });
  vi.stubEnv('PATH', signer.path);
  signed = Buffer.from((await signShortcutFile(signer.shortcuts, buildBinary(CONTENT))).bytes);
});
beforeEach(() => void vi.stubEnv('PATH', signer.path));
afterEach(() => vi.unstubAllEnvs());
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const bytesOf = (text: string) => Buffer.from(text, 'base64');

describe('signing a shortcut', () => {
  it('the answer contains the signed file and the property list in it', async () => {
    const answer = await signShortcut(signer.shortcuts, {
      bytes: Buffer.from(buildBinary(CONTENT)).toString('base64'),
    });
    if ('error' in answer) throw new Error(answer.error.message);
    expect(bytesOf(answer.bytes).toString('latin1', 0, 4)).toBe('AEA1');
    expect(parseBinary(bytesOf(answer.unpacked))).toEqual(CONTENT);
  });

  it('the property list is the one that was signed, without the triggers on a Mac before macOS 27', async () => {
    const older = await installSigner(folder, { macos: 26 });
    vi.stubEnv('PATH', older.path);
    const { unpacked } = await signShortcutFile(older.shortcuts, buildBinary(CONTENT));
    expect(parseBinary(unpacked)).toEqual({ WFWorkflowActions: [] });
  });

  it.each([
    ['bytes that are not base64', { bytes: '?' }, 'invalid_request'],
    ['no bytes', {}, 'invalid_request'],
    ['a file that the program rejects', { bytes: 'bm9uZQ==' }, 'device_error'],
  ])('a request with %s returns an error', async (_, request, code) => {
    expect(await signShortcut(signer.shortcuts, request)).toMatchObject({ error: { code } });
  });

  it('a missing program is reported', async () => {
    await expect(signShortcutFile(join(folder, 'nothing'), buildBinary(CONTENT))).rejects.toMatchObject({
      name: 'SigningError',
      isMissing: true,
    });
  });
});

describe('unpacking a signed shortcut', () => {
  function unpack(change: (file: Buffer) => Buffer): Promise<Uint8Array> {
    const file = join(folder, 'signed.shortcut');
    writeFileSync(file, change(Buffer.from(signed)));
    return unpackShortcut(file, folder);
  }
  const withByte = (file: Buffer, place: number, value: number) => {
    file.writeUInt8(value, place);
    return file;
  };

  it('returns the property list', async () => {
    expect(parseBinary(await unpack((file) => file))).toEqual(CONTENT);
  });

  it.each<[string, (file: Buffer) => Buffer, string]>([
    ['an unsigned file', () => Buffer.from('bplist00'), 'a file that is not signed'],
    ['an empty file', () => Buffer.alloc(0), 'a file that is not signed'],
    ['an encrypted archive', (file) => withByte(file, 4, 1), 'the unknown profile 1'],
    ['a header of another size', (file) => withByte(file, 11, 128), 'the unknown profile'],
    ['a file without a certificate', (file) => file.fill(0, 12, 40), 'certificate'],
    ['a truncated file', (file) => file.subarray(0, 60), 'certificate'],
  ])('rejects %s', async (_, change, problem) => {
    await expect(unpack(change)).rejects.toThrow(problem);
  });

  it('rejects a file if the programs of macOS are missing', async () => {
    vi.stubEnv('PATH', '/nothing');
    await expect(unpack((file) => file)).rejects.toThrow('the signed file cannot be checked: aea:');
  });
});
