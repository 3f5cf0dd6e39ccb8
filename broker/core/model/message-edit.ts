/** Defines the versions of an edited message. */

export interface MessageEdit {
  /** Epoch ms. */
  at: number;
  /** `unsent` has no content. */
  kind: 'original' | 'edited' | 'unsent';
  content: string;
}

/** A repetition of an edit within this time is another report of the edit: devices report the edit of an action. */
const SAME_EDIT_MS = 2 * 60_000;

/**
 * Returns the versions to show: the original first, because devices may report it after an edit, then the others by time.
 * Several reports of one edit are one version. Reports in any order give the same versions.
 */
export function messageVersions(reports: readonly MessageEdit[]): MessageEdit[] {
  const originals = reports.filter(({ kind }) => kind === 'original');
  const versions: MessageEdit[] = [];
  let latest: MessageEdit | undefined;
  for (const one of reports.toSorted((a, b) => a.at - b.at)) {
    if (one.kind === 'original') continue;
    const isKnown =
      one.kind === 'edited' && one.content === latest?.content && one.at - latest.at < SAME_EDIT_MS;
    if (isKnown) continue;
    if (one.kind === 'edited') latest = one;
    versions.push(one);
  }
  return [...originals, ...versions];
}
