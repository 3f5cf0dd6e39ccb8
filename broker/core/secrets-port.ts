/** Randomness and hashing, as the core is given them. */
import type { Environment } from './accounts.ts';

export interface Secrets {
  /** `tb_live_` or `tb_test_` and 32 characters of `[a-z0-9]`. */
  newApiKey(environment: Environment): string;
  /** `dev_` and 32 random bytes, base64url: a device token or a pairing code. */
  newDeviceSecret(): string;
  /** For signing links: 32 random bytes, base64url. */
  newSigningKey(): string;
  /** SHA-256, hex. Keys are random and long, so a slow hash would add nothing. */
  hash(secret: string): string;
}
