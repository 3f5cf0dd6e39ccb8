/** Randomness and hashing, as the core is given them. */
import type { Environment } from '../model/tenant.ts';

export interface Secrets {
  /** `tb_live_` or `tb_test_` and 32 characters of `[a-z0-9]`. */
  newApiKey(environment: Environment): string;
  /** `txt_` and 40 characters of `[a-z0-9]`: the same as a key, in the form that Textree's clients know. */
  newBearerToken(): string;
  /** `whsec_` and 24 random bytes, base64, as Standard Webhooks has it. */
  newWebhookSecret(): string;
  /** `dev_` and 32 random bytes, base64url: a device token or a pairing code. */
  newDeviceSecret(): string;
  /** For signing links: 32 random bytes, base64url. */
  newSigningKey(): string;
  /** SHA-256, hex. Keys are random and long, so a slow hash would add nothing. */
  hash(secret: string): string;
}
