/** Builds the shortcuts that the setup page offers, as files and as steps by hand. */

import type { Edition, ShortcutSlug } from '../../../shared/shortcut-editions.ts';
import { SHORTCUT_SLUGS } from '../../../shared/shortcut-editions.ts';
import { buildShortcut, shortcutRecipes } from '../../../shortcuts/build.ts';
import { type ManualStep, manualSteps } from '../../../shortcuts/manual.ts';
import { lostParts } from '../../../shortcuts/signed-file.ts';
import type { UnsignedShortcut } from '../../devices/shortcut-signing.ts';

export interface OfferedShortcut extends UnsignedShortcut {
  slug: ShortcutSlug;
  edition: Edition;
  fileName: string;
  /** The same shortcut as steps to build by hand. */
  steps: readonly ManualStep[];
}

/** The shortcuts ask for the token when they are added, so that one signed file serves every phone. */
export function offerShortcuts(url: string, edition: Edition): OfferedShortcut[] {
  return shortcutRecipes({ url }, edition).flatMap((recipe, index) => {
    const slug = SHORTCUT_SLUGS[index];
    if (slug === undefined) return [];
    const built = buildShortcut(recipe);
    const lossIn = (unpacked: Uint8Array) => lostParts(built.bytes, unpacked);
    return [{ slug, edition, ...built, lossIn, steps: manualSteps(recipe) }];
  });
}
