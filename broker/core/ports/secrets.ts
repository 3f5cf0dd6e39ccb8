/** Generates and hashes keys, tokens and secrets. */
import type { Environment } from '../model/tenant.ts';

export interface Secrets {
  /** `tb_live_` or `tb_test_` and 32 characters of `[a-z0-9]`. */
  newApiKey(environment: Environment): string;
  /** `txt_` and 40 characters of `[a-z0-9]`: an API key in the format that Textree clients expect. */
  newBearerToken(): string;
  /** `whsec_` and 24 random bytes, base64, the format of Standard Webhooks. */
  newWebhookSecret(): string;
  /** `dev_` and 32 random bytes, base64url: a device token or a pairing code. */
  newDeviceSecret(): string;
  /** 32 random bytes, base64url, for signed links. */
  newSigningKey(): string;
  /** SHA-256, hex. Keys are long and random, so a slow hash would not add security. */
  hash(secret: string): string;
}
