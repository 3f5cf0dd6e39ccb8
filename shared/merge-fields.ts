/**
 * Replaces merge fields such as `{{contact.first_name}}` in a text.
 *
 * - Mustache parses each tag, and only plain names are replaced. Templates cannot compute anything.
 * - Sections, partials, other delimiters and malformed tags stay unchanged.
 * - Values are not escaped, because the text is not HTML. Tags inside values are not replaced.
 */
import Mustache from 'mustache';

const TAG = /\{\{\{[^{}]*\}\}\}|\{\{[^{}]*\}\}/g;
const PLAIN = /^[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)*$/u;

/** The cache is disabled: tags come from requests, so their number is unlimited. */
const writer = Object.assign(new Mustache.Writer(), { templateCache: undefined });

/** Replaces known names by their values and unknown plain names by an empty string. */
export function mergeFields(text: string, fields: ReadonlyMap<string, string>): string {
  return text.replaceAll(TAG, (tag) => {
    const name = nameIn(tag);
    if (name === undefined) return tag;
    return fields.get(name) ?? (PLAIN.test(name) ? '' : tag);
  });
}

/** Returns the distinct plain names in a text. */
export function fieldsIn(text: string): string[] {
  const names = (text.match(TAG) ?? []).map(nameIn).filter((name) => name !== undefined && PLAIN.test(name));
  return [...new Set(names as string[])];
}

function nameIn(tag: string): string | undefined {
  try {
    const tokens: Array<[kind: string, value: string]> = writer.parse(tag);
    const [token] = tokens;
    const isName = tokens.length === 1 && token !== undefined && (token[0] === 'name' || token[0] === '&');
    return isName ? token[1] : undefined;
  } catch {
    return undefined;
  }
}
