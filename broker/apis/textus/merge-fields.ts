/**
 * Fields in a text, `{{contact.first_name}}`: each tag is parsed by Mustache, and only a plain name is filled in, so
 * that nothing is ever computed. Sections, partials, other delimiters and whatever is no tag at all stay as they were
 * written. A text is not HTML, so nothing is escaped; what was filled in is not looked at again.
 */
import Mustache from 'mustache';

const TAG = /\{\{\{[^{}]*\}\}\}|\{\{[^{}]*\}\}/g;
const PLAIN = /^[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)*$/u;

/** The tags come from customers, so none is kept in memory. */
const writer = Object.assign(new Mustache.Writer(), { templateCache: undefined });

/** Fills in what is known; a plain name that is not known becomes nothing. */
export function mergeFields(text: string, fields: ReadonlyMap<string, string>): string {
  return text.replaceAll(TAG, (tag) => {
    const name = nameIn(tag);
    if (name === undefined) return tag;
    return fields.get(name) ?? (PLAIN.test(name) ? '' : tag);
  });
}

/** The plain names that a text has, each once. */
export function fieldsIn(text: string): string[] {
  const names = (text.match(TAG) ?? []).map(nameIn).filter((name) => name !== undefined && PLAIN.test(name));
  return [...new Set(names as string[])];
}

function nameIn(tag: string): string | undefined {
  try {
    const tokens: Array<[kind: string, value: string]> = writer.parse(tag);
    const [token] = tokens;
    const isName = tokens.length === 1 && (token?.[0] === 'name' || token?.[0] === '&');
    return isName ? token![1] : undefined;
  } catch {
    return undefined;
  }
}
