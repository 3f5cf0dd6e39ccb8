/** Hashes and verifies passwords with a slow hash. */
export interface Passwords {
  hash(password: string): Promise<string>;
  /**
   * `undefined` is the hash of an unknown member: the result is false after the same time.
   *
   * @throws HomingError rate_limited if too many passwords wait
   */
  verify(password: string, hash: string | undefined): Promise<boolean>;
}
