/** Generates and hashes keys and tokens. */
import { hash, randomBytes, randomInt } from 'node:crypto';
import type { Secrets } from './core/ports/secrets.ts';

const KEY_ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';
const KEY_LENGTH = 32;
const BEARER_TOKEN_LENGTH = 40;
const WEBHOOK_SECRET_BYTES = 24;
const DEVICE_SECRET_BYTES = 32;

function randomCharacters(length: number): string {
  return Array.from({ length }, () => KEY_ALPHABET[randomInt(KEY_ALPHABET.length)]).join('');
}

export const secrets: Secrets = {
  newApiKey: (environment) => `tb_${environment}_${randomCharacters(KEY_LENGTH)}`,
  newBearerToken: () => `txt_${randomCharacters(BEARER_TOKEN_LENGTH)}`,
  newWebhookSecret: () => `whsec_${randomBytes(WEBHOOK_SECRET_BYTES).toString('base64')}`,
  newDeviceSecret: () => `dev_${randomBytes(DEVICE_SECRET_BYTES).toString('base64url')}`,
  newSigningKey: () => randomBytes(DEVICE_SECRET_BYTES).toString('base64url'),
  hash: (secret) => hash('sha256', secret),
};
