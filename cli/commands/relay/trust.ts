/** Trusts the certificates of a private certificate authority for every connection of this process. */
import { readFileSync } from 'node:fs';
// Node 24.0 to 24.4 lack `setDefaultCACertificates`, so it cannot be a named import.
import tls from 'node:tls';
import { CommandError, EXIT } from '../../terminal.ts';

/** @throws CommandError if the file contains no certificate, or if this Node is older than 24.5. */
export function trustCertificates(file: string | undefined): void {
  if (file === undefined || file === '') return;
  if (typeof tls.setDefaultCACertificates !== 'function') {
    throw new CommandError(
      `--ca-file needs Node 24.5 or later; this is Node ${process.versions.node}. Set NODE_EXTRA_CA_CERTS=${file} instead.`,
      EXIT.usage,
    );
  }
  let pem: string;
  try {
    pem = readFileSync(file, 'utf8');
  } catch (error) {
    throw new CommandError(`Cannot read --ca-file ${file}: ${(error as Error).message}`, EXIT.usage);
  }
  try {
    if (!pem.includes('-----BEGIN CERTIFICATE-----')) throw new Error('the file contains no certificate');
    tls.setDefaultCACertificates([...tls.getCACertificates('default'), pem]);
  } catch (error) {
    throw new CommandError(
      `--ca-file ${file} contains no certificates in PEM format: ${(error as Error).message}.`,
      EXIT.usage,
    );
  }
}
