/** Keys, tokens and their hashes, by node:crypto. */
import { hash, randomBytes, randomInt } from 'node:crypto';
import type { Secrets } from './core/secrets-port.ts';

const KEY_ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';
const KEY_LENGTH = 32;
const DEVICE_SECRET_BYTES = 32;

export const secrets: Secrets = {
  newApiKey(environment) {
    const characters = Array.from({ length: KEY_LENGTH }, () => KEY_ALPHABET[randomInt(KEY_ALPHABET.length)]);
    return `tb_${environment}_${characters.join('')}`;
  },
  newDeviceSecret: () => `dev_${randomBytes(DEVICE_SECRET_BYTES).toString('base64url')}`,
  newSigningKey: () => randomBytes(DEVICE_SECRET_BYTES).toString('base64url'),
  hash: (secret) => hash('sha256', secret),
};
