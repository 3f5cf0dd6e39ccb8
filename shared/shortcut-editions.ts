/**
 * Names the shortcuts and their editions.
 *
 * - iOS 16 to 26: the owner creates the automations by hand.
 * - iOS 27 and later: the file contains the automations, and Homing Send has a journal.
 */
export const EDITIONS = ['ios-16', 'ios-27'] as const;
export type Edition = (typeof EDITIONS)[number];

/** In the order of the setup. The name of a shortcut on the phone is the name of its file. */
export const SHORTCUT_NAMES = {
  send: 'Homing Send',
  receive: 'Homing Receive',
  check: 'Homing Check',
} as const;
export type ShortcutSlug = keyof typeof SHORTCUT_NAMES;
export const SHORTCUT_SLUGS = Object.keys(SHORTCUT_NAMES) as ShortcutSlug[];

export function shortcutFileName(slug: ShortcutSlug): string {
  return `${SHORTCUT_NAMES[slug]}.shortcut`;
}
