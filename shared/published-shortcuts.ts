/**
 * Reads the links of shortcuts that an operator has published for every phone. Either the URL of a folder with the files
 * of `homing shortcuts build --edition all`, or a JSON object with one link for each edition and shortcut, such as iCloud
 * links.
 */
import { z } from 'zod';
import {
  EDITIONS,
  type Edition,
  SHORTCUT_SLUGS,
  type ShortcutSlug,
  shortcutFileName,
} from './shortcut-editions.ts';

/** A shortcut without a link is offered in another way. */
export type PublishedShortcuts = Partial<Record<Edition, Partial<Record<ShortcutSlug, string>>>>;

const SETTING_MAX_CHARACTERS = 8_000;
const LINK_MAX_CHARACTERS = 1_000;

/** A published file serves every phone, so its URL must not contain a token, a password or a query. */
const link = z
  .url({ protocol: /^https?$/ })
  .max(LINK_MAX_CHARACTERS)
  .refine((text) => {
    if (!URL.canParse(text)) return false;
    const { username, password, search, hash } = new URL(text);
    return [username, password, search, hash].every((part) => part === '') && !text.includes('dev_');
  });

const links = z
  .partialRecord(z.enum(EDITIONS), z.partialRecord(z.enum(SHORTCUT_SLUGS), link))
  .refine((editions) => Object.values(editions).some((edition) => Object.keys(edition ?? {}).length > 0));

/** Schema of the setting. */
export const publishedShortcuts = z
  .string()
  .max(SETTING_MAX_CHARACTERS)
  .transform((text, context): PublishedShortcuts => {
    const parsed = text.trim().startsWith('{') ? links.safeParse(parseJson(text)) : folderLinks(text.trim());
    if (parsed.success) return parsed.data;
    context.addIssue({ code: 'custom', message: 'neither the URL of a folder nor links' });
    return z.NEVER;
  });

function folderLinks(text: string) {
  return link
    .transform((url) => url.replace(/\/+$/, ''))
    .transform((folder): PublishedShortcuts => {
      const linksOf = (edition: Edition) =>
        SHORTCUT_SLUGS.map((slug) => [
          slug,
          `${folder}/${edition}/${encodeURIComponent(shortcutFileName(slug))}`,
        ]);
      return Object.fromEntries(EDITIONS.map((edition) => [edition, Object.fromEntries(linksOf(edition))]));
    })
    .safeParse(text);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
