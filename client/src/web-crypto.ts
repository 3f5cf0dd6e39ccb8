/** Provides WebCrypto in Node 18 or newer, in workers and in browsers. */

type WebCrypto = typeof globalThis.crypto;

export async function webCrypto(): Promise<WebCrypto> {
  if (globalThis.crypto !== undefined) return globalThis.crypto;
  // Node 18 has it only as a module. A variable name keeps browser bundlers from resolving the import.
  const name = 'node:crypto';
  return (await import(/* @vite-ignore */ /* webpackIgnore: true */ name)).webcrypto;
}

/** Returns 128 random bits in hex. Not `randomUUID`, which is missing on pages without https. */
export async function randomKey(): Promise<string> {
  const bytes = (await webCrypto()).getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
