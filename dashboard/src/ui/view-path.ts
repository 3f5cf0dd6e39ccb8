/** Returns a link from one view to another. wouter resolves links within the view; `~` starts at the root of the page. */
import { BASE } from '../api/request.ts';
import { SANDBOX_PREFIX } from '../routes.ts';

export function viewPath(path: string): string {
  const isSandbox = document.documentElement.dataset.environment === 'test';
  return `~${BASE}/dashboard${isSandbox ? SANDBOX_PREFIX : ''}${path}`;
}
