/** WebCrypto, wherever this runs. */

type WebCrypto = typeof globalThis.crypto;

export async function webCrypto(): Promise<WebCrypto> {
  if (globalThis.crypto !== undefined) return globalThis.crypto;
  // Node 18 has it in a module only. Named so that bundlers for the browser don't look for it.
  const name = 'node:crypto';
  return (await import(/* @vite-ignore */ /* webpackIgnore: true */ name)).webcrypto;
}

/** 128 random bits. (randomUUID is missing on pages without https.) */
export async function randomKey(): Promise<string> {
  const bytes = (await webCrypto()).getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
