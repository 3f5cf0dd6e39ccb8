/** A shortcut as the page offers it. */
import { buildShortcut, shortcutRecipes } from '../../../shortcuts/build.ts';
import { type ManualStep, manualSteps } from '../../../shortcuts/manual.ts';

const SLUGS = ['send', 'receive', 'check'] as const;

export interface OfferedShortcut {
  slug: (typeof SLUGS)[number];
  name: string;
  fileName: string;
  /** Not signed. */
  bytes: Uint8Array;
  /** The same by hand, action by action. */
  steps: readonly ManualStep[];
}

/** They ask for the token when they are added, so that one signature does for every phone. */
export function offerShortcuts(url: string): OfferedShortcut[] {
  const recipes = shortcutRecipes({ url });
  return SLUGS.map((slug, index) => {
    const recipe = recipes[index]!;
    return { slug, ...buildShortcut(recipe), steps: manualSteps(recipe) };
  });
}
