/** Writes a JSON value as literals of a language, on one line if it is short. */

export interface LiteralStyle {
  text(text: string): string;
  /** Converts a JSON number, if the language writes it differently. */
  number?(json: string): string;
  words: { null: string; true: string; false: string };
  list: Brackets;
  /** Brackets of an object with these keys. */
  object(keys: readonly string[]): Brackets;
  pair(key: string, value: string): string;
  /** Indentation of one level. */
  step: string;
}

interface Brackets {
  open: string;
  close: string;
  /** Space inside the brackets on one line. */
  gap?: string;
  /** Whether the last of several lines ends with a comma. */
  hasLastComma?: boolean;
}

const LINE = 76;

/** Lines after the first are indented by `indent` or more. */
export function literal(value: unknown, style: LiteralStyle, indent = ''): string {
  if (value === null || value === undefined) return style.words.null;
  if (typeof value === 'boolean') return style.words[`${value}`];
  if (typeof value === 'number') {
    const json = JSON.stringify(value);
    return style.number?.(json) ?? json;
  }
  if (typeof value === 'string') return style.text(value);
  const isList = Array.isArray(value);
  const {
    open,
    close,
    gap = '',
    hasLastComma = false,
  } = isList ? style.list : style.object(Object.keys(value));
  const write = (at: string): string[] =>
    isList
      ? value.map((one) => literal(one, style, at))
      : Object.entries(value).map(([key, one]) => style.pair(key, literal(one, style, at)));
  const parts = write(indent);
  if (parts.length === 0) return open + close;
  const line = open + gap + parts.join(', ') + gap + close;
  if (indent.length + line.length <= LINE && !line.includes('\n')) return line;
  const inner = indent + style.step;
  const lines = write(inner).map((part) => inner + part);
  return `${open}\n${lines.join(',\n')}${hasLastComma ? ',' : ''}\n${indent}${close}`;
}
