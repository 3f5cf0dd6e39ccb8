/** Texts of operations and schemas within Markdown. In them backticks mark code, and nothing else means anything. */
const MEANT_BY_MARKDOWN = /[\\`*_[\]<>#|~&!]/g;

export function prose(text: string): string {
  return text
    .split(/(?<!`)`([^`]+)`(?!`)/)
    .map((part, index) =>
      index % 2 === 1 ? code(part) : part.replaceAll(MEANT_BY_MARKDOWN, '\\$&').replaceAll(/\s+/g, ' '),
    )
    .join('');
}

/** Without the marks, for titles. */
export function plain(text: string): string {
  return text.replaceAll('`', '').replaceAll(/\s+/g, ' ');
}

/** As code, also within a table. */
export function code(text: string): string {
  const fence = '`'.repeat(Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length)) + 1);
  // CommonMark strips one space from each side of a code span that has one on both.
  const isStripped = /^ .*[^ ].* $/s.test(text);
  const space = isStripped || text.startsWith('`') || text.endsWith('`') ? ' ' : '';
  return inCell(`${fence}${space}${text}${space}${fence}`);
}

export function codeBlock(language: string, text: string): string {
  const fence = '`'.repeat(Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length)) + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

/** Cells are Markdown already. */
export function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(columns), `|${'---|'.repeat(columns.length)}`, ...rows.map(line)].join('\n');
}

export function link(text: string, path: string): string {
  return `[${text}](${path}.md)`;
}

/** Its end is a sentence's. */
export function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function inCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, ' ');
}
