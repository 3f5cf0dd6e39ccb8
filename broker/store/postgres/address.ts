/** Formats addresses. Does not load the driver. */

/** Returns the address for messages and logs. */
export function withoutPassword(url: string): string {
  const address = new URL(url);
  address.password = '';
  address.searchParams.delete('password');
  return address.href;
}
