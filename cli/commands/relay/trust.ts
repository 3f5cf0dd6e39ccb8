/** Certificates of the owner's own authority, for every connection of this process. */
import { readFileSync } from 'node:fs';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { CommandError, EXIT } from '../../terminal.ts';

/** @throws CommandError where the file has no certificates. */
export function trustCertificates(file: string | undefined): void {
  if (file === undefined || file === '') return;
  let pem: string;
  try {
    pem = readFileSync(file, 'utf8');
  } catch (error) {
    throw new CommandError(`--ca-file ${file} can't be read: ${(error as Error).message}`, EXIT.usage);
  }
  try {
    if (!pem.includes('-----BEGIN CERTIFICATE-----')) throw new Error('there is no certificate in it');
    setDefaultCACertificates([...getCACertificates('default'), pem]);
  } catch (error) {
    throw new CommandError(
      `--ca-file ${file} holds no certificates in PEM form: ${(error as Error).message}.`,
      EXIT.usage,
    );
  }
}
