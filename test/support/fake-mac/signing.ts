/**
 * Fakes the programs `shortcuts`, `aea` and `aa` of macOS. A signed file has the header of an Apple Encrypted Archive with
 * a real certificate; its content is not compressed. The programs reject other arguments than those of the agent.
 */
import { X509Certificate } from 'node:crypto';
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildBinary, parseBinary } from 'plist';
import { generate } from 'selfsigned';
import { nodeCommand } from './node-command.ts';

export interface FakeSigner {
  /** Path of `shortcuts`. */
  shortcuts: string;
  /** PATH with the programs before those of this machine. */
  path: string;
  /** Returns the number of signed files. */
  count(): number;
}

/** `macos`: a Mac before macOS 27 removes the triggers of a shortcut without an error. */
export async function installSigner(folder: string, { macos }: { macos: 26 | 27 }): Promise<FakeSigner> {
  const programs = join(folder, `signer-${macos}`);
  mkdirSync(programs, { recursive: true });
  const { cert } = await generate([{ name: 'commonName', value: 'Apple' }], {
    keyType: 'ec',
    curve: 'P-256',
  });
  writeFileSync(join(programs, 'certificate.der'), new X509Certificate(cert).raw);
  writeFileSync(join(programs, 'signed.txt'), '');
  for (const name of ['shortcuts', 'aea', 'aa']) {
    const command = nodeCommand(fileURLToPath(import.meta.url), programs, String(macos), name);
    writeFileSync(join(programs, name), `#!/bin/sh\n${command}\n`, { mode: 0o755 });
  }
  return {
    shortcuts: join(programs, 'shortcuts'),
    path: `${programs}:${process.env.PATH}`,
    count: () => readFileSync(join(programs, 'signed.txt'), 'utf8').split('\n').length - 1,
  };
}

function runProgram(programs: string, macos: number, name: string, args: readonly string[]): void {
  const expectArguments = (pattern: RegExp): string[] => {
    const match = pattern.exec(args.join('\n'));
    if (match === null) throw new Error(`${name}: invalid arguments: ${args.join(' ')}`);
    return match.slice(1);
  };
  const certificate = readFileSync(join(programs, 'certificate.der'));
  switch (name) {
    case 'shortcuts': {
      const [input, output] = expectArguments(
        /^sign\n--mode\nanyone\n--input\n(.+\.shortcut)\n--output\n(.+\.shortcut)$/,
      );
      const content = parseBinary(readFileSync(input!)) as Record<string, never>;
      if (macos < 27) delete content.WFWorkflowTriggers;
      const auth = buildBinary({ SigningCertificateChain: [new Uint8Array(certificate)] });
      const header = Buffer.alloc(12);
      header.write('AEA1', 'latin1');
      header.writeUInt32LE(auth.length, 8);
      writeFileSync(output!, Buffer.concat([header, auth, buildBinary(content)]));
      appendFileSync(join(programs, 'signed.txt'), 'signed\n');
      break;
    }
    case 'aea': {
      const [input, output, key] = expectArguments(/^decrypt\n-i\n(.+)\n-o\n(.+)\n-sign-pub\n(.+)$/);
      const { publicKey } = new X509Certificate(certificate);
      if (readFileSync(key!, 'utf8') !== publicKey.export({ type: 'spki', format: 'pem' })) {
        throw new Error('aea: invalid signature');
      }
      const bytes = readFileSync(input!);
      writeFileSync(output!, bytes.subarray(12 + bytes.readUInt32LE(8)));
      break;
    }
    case 'aa': {
      const [input, folder] = expectArguments(/^extract\n-i\n(.+)\n-d\n(.+)$/);
      writeFileSync(join(folder!, 'Shortcut.wflow'), readFileSync(input!));
      break;
    }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , programs, macos, name, ...args] = process.argv;
  try {
    runProgram(programs!, Number(macos), name!, args);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}
