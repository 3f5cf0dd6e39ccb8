import { PAGE_BASE } from '../routes.ts';

/** Reloads the page after signing in. Stays at the address of a deep link. */
export function goToStart(): void {
  const isEntry = location.pathname.startsWith(`${PAGE_BASE}/sign-in`);
  if (isEntry) location.replace(`${PAGE_BASE}/`);
  else location.reload();
}
