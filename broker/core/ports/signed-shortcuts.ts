/** Queries of shortcuts signed by a Mac, by the SHA-256 (hex) of the unsigned file. */
export interface SignedShortcutQueries {
  find(sha256: string): Promise<Uint8Array | undefined>;
  put(sha256: string, bytes: Uint8Array, at: number): Promise<void>;
}
