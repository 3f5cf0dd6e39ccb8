/**
 * What the doctor looks at, one check after the other. A check says what it found, and where that is not well,
 * what to do, step by step. One that fails itself is a finding too: nothing that a check throws gets out.
 */
export type Verdict = { ok: true; detail: string } | { ok: false; detail: string; steps: readonly string[] };

export interface Check {
  name: string;
  look(): Promise<Verdict>;
}

/** As it is printed with --json. */
export interface Finding {
  name: string;
  ok: boolean;
  detail: string;
  /** Numbered steps, one a line; null where all is well. */
  fix: string | null;
}

export const well = (detail: string): Verdict => ({ ok: true, detail });
export const wrong = (detail: string, ...steps: string[]): Verdict => ({ ok: false, detail, steps });

export async function runChecks(
  checks: readonly Check[],
  onFinding: (finding: Finding) => void,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { name, look } of checks) {
    const finding = findingFrom(name, await look().catch(couldNotLook));
    findings.push(finding);
    onFinding(finding);
  }
  return findings;
}

function couldNotLook(error: unknown): Verdict {
  const message = error instanceof Error ? error.message : String(error);
  return wrong(`This could not be looked at: ${message}`, 'Put that right and run the doctor again.');
}

function findingFrom(name: string, verdict: Verdict): Finding {
  const { ok, detail } = verdict;
  const fix = verdict.ok ? null : verdict.steps.map((step, index) => `${index + 1}. ${step}`).join('\n');
  return { name, ok, detail, fix };
}
