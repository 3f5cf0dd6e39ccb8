/**
 * Kills the agent before or after the first call of a journal method. The agent preloads this file; CRASH_AT contains the
 * method and the moment, such as `beginPart:after`.
 */
const { Journal } = (await import(
  new URL('../../../dist/relay-agent/journal/journal.js', import.meta.url).href
)) as typeof import('../../../relay-agent/journal/journal.ts');

const [call, moment] = (process.env.CRASH_AT ?? '').split(':') as [string, 'before' | 'after'];
const methods = Journal.prototype as unknown as Record<string, (...args: unknown[]) => unknown>;
const [name, state] = call.split(' ') as [string, string | undefined];
const original = methods[name]!;
methods[name] = function (this: unknown, ...args: unknown[]) {
  const isMatch = state === undefined || (args[0] as { state?: string }).state === state;
  if (isMatch && moment === 'before') process.kill(process.pid, 'SIGKILL');
  const result = original.apply(this, args);
  if (isMatch) process.kill(process.pid, 'SIGKILL');
  return result;
};
