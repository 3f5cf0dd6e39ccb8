/** Escapes the texts of operations and schemas for Markdown. Only backticks keep their meaning: they mark code. */
const MARKDOWN_SYNTAX = /[\\`*_[\]<>#|~&!]/g;

export function prose(text: string): string {
  return text
    .split(/(?<!`)`([^`]+)`(?!`)/)
    .map((part, index) =>
      index % 2 === 1 ? code(part) : part.replaceAll(MARKDOWN_SYNTAX, '\\$&').replaceAll(/\s+/g, ' '),
    )
    .join('');
}

/** Removes the code marks, for titles. */
export function plain(text: string): string {
  return text.replaceAll('`', '').replaceAll(/\s+/g, ' ');
}

/** Formats a text as code, also inside a table. */
export function code(given: string): string {
  const text = given.replaceAll(/\s*\n\s*/g, ' ');
  const fence = '`'.repeat(Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length)) + 1);
  // CommonMark strips one space from each side of a code span that has one on both.
  const isStripped = /^ .*[^ ].* $/s.test(text);
  const space = isStripped || text.startsWith('`') || text.endsWith('`') ? ' ' : '';
  return `${fence}${space}${text}${space}${fence}`.replaceAll('|', '\\|');
}

export function codeBlock(language: string, text: string): string {
  const fence = '`'.repeat(Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length)) + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

/** The cells are Markdown. */
export function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(columns), `|${'---|'.repeat(columns.length)}`, ...rows.map(line)].join('\n');
}

export function link(text: string, path: string): string {
  return `[${text}](${path}.md)`;
}

/** Appends a full stop where the end of the sentence is missing. */
export function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
