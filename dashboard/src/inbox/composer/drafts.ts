/** Keeps the draft of each conversation in the browser, so that it survives a reload, a restart and the end of a session. */
const PREFIX = 'homing.draft.';
/** The oldest drafts are removed beyond these. */
const DRAFTS_MAX = 200;

interface Draft {
  text: string;
  at: number;
}

export function readDraft(scope: string): string {
  try {
    return (JSON.parse(localStorage.getItem(PREFIX + scope) ?? '{}') as Partial<Draft>).text ?? '';
  } catch {
    return '';
  }
}

export function writeDraft(scope: string, text: string): void {
  if (text === '') {
    localStorage.removeItem(PREFIX + scope);
    return;
  }
  try {
    localStorage.setItem(PREFIX + scope, JSON.stringify({ text, at: Date.now() } satisfies Draft));
  } catch {
    // The storage of the browser is full: the draft stays in the field.
  }
  removeOldest();
}

function removeOldest(): void {
  const names = Object.keys(localStorage).filter((name) => name.startsWith(PREFIX));
  if (names.length <= DRAFTS_MAX) return;
  const timeOf = (name: string) => (JSON.parse(localStorage.getItem(name) ?? '{}') as Partial<Draft>).at ?? 0;
  names.sort((a, b) => timeOf(a) - timeOf(b));
  for (const name of names.slice(0, names.length - DRAFTS_MAX)) localStorage.removeItem(name);
}

/** At a sign-out: another person may use the browser next. */
export function removeDrafts(): void {
  for (const name of Object.keys(localStorage)) {
    if (name.startsWith(PREFIX) || name.startsWith('homing.pending.')) localStorage.removeItem(name);
  }
}
