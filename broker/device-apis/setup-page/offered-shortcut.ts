/** Builds the shortcuts that the setup page offers, as files and as steps by hand. */
import { buildShortcut, shortcutRecipes } from '../../../shortcuts/build.ts';
import { type ManualStep, manualSteps } from '../../../shortcuts/manual.ts';

/** In the order of `shortcutRecipes`. */
const SLUGS = ['send', 'receive', 'check'] as const;

export interface OfferedShortcut {
  slug: (typeof SLUGS)[number];
  name: string;
  fileName: string;
  /** The unsigned file. */
  bytes: Uint8Array;
  /** The same shortcut as steps to build by hand. */
  steps: readonly ManualStep[];
}

/** The shortcuts ask for the token when they are added, so that one signed file serves every phone. */
export function offerShortcuts(url: string): OfferedShortcut[] {
  return shortcutRecipes({ url }).flatMap((recipe, index) => {
    const slug = SLUGS[index];
    return slug === undefined ? [] : [{ slug, ...buildShortcut(recipe), steps: manualSteps(recipe) }];
  });
}
