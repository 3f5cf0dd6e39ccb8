/** Loaded in front of the program: kills it before or after the first call of one of the journal's steps. */
const { Journal } = (await import(
  new URL('../../../dist/relay-agent/journal/journal.js', import.meta.url).href
)) as typeof import('../../../relay-agent/journal/journal.ts');

const [step, moment] = (process.env.CRASH_AT ?? '').split(':') as [string, 'before' | 'after'];
const steps = Journal.prototype as unknown as Record<string, (...args: unknown[]) => unknown>;
const [name, state] = step.split(' ') as [string, string | undefined];
const original = steps[name]!;
steps[name] = function (this: unknown, ...args: unknown[]) {
  const isIt = state === undefined || (args[0] as { state?: string }).state === state;
  if (isIt && moment === 'before') process.kill(process.pid, 'SIGKILL');
  const result = original.apply(this, args);
  if (isIt) process.kill(process.pid, 'SIGKILL');
  return result;
};
