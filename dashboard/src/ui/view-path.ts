/** Returns a link from one view to another. wouter resolves links within the view; `~` starts at the root of the page. */
import { PAGE_BASE, splitLocation } from '../routes.ts';

export function viewPath(path: string): string {
  const { prefix } = splitLocation(location.pathname.slice(PAGE_BASE.length));
  return `~${PAGE_BASE}${prefix}${path}`;
}
