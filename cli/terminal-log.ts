/** Formats the log of the broker for a terminal: one line of text for each line of JSON. */
import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

const STYLES: Readonly<Record<string, Style>> = { warn: 'yellow', error: 'red', fatal: 'red' };

/** `08:00:00 warn  the system clock was set  seconds=60`, in the time zone of this machine. */
export function formatLogLine(json: string): string {
  const { level, time, msg, err, ...fields } = JSON.parse(json);
  const at = new Date(time).toLocaleTimeString('en-GB');
  const shown = Object.entries(fields).map(([name, value]) => `${name}=${textOf(value)}`);
  const parts = [msg, shown.join(' '), err?.stack ?? err?.message].filter(Boolean);
  return `${at} ${colored(STYLES[level] ?? 'dim', level)}${' '.repeat(5 - level.length)} ${parts.join('  ')}`;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function colored(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stderr });
}
