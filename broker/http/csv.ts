/** Formats CSV (RFC 4180) for spreadsheets. */

const NEEDS_QUOTES = /[",\r\n]|^\s|\s$/;
/** A spreadsheet runs a cell that begins like this as a formula. A phone number is no formula. */
const FORMULA = /^(?:[=@\t\r]|[+-](?!\d+$))/;
const ESCAPED_FORMULA = /^'(?=[=@\t\r+-])/;

export type CsvValue = string | number | boolean | null;

export function csvLine(values: readonly CsvValue[]): string {
  return `${values.map(csvCell).join(',')}\r\n`;
}

function csvCell(value: CsvValue): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  const text = FORMULA.test(value) ? `'${value}` : value;
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Restores a value that `csvLine` protected from being run as a formula. */
export function csvText(cell: string): string {
  return cell.replace(ESCAPED_FORMULA, '');
}
