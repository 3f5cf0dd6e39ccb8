/**
 * Runs the checks of the doctor one after the other. A failed check lists the steps that fix the problem. If a
 * check throws, the check fails with the error message.
 */
export type Verdict = { ok: true; detail: string } | { ok: false; detail: string; steps: readonly string[] };

export interface Check {
  name: string;
  run(): Promise<Verdict>;
}

/** The JSON of a check with --json. */
export interface Finding {
  name: string;
  ok: boolean;
  detail: string;
  /** Numbered steps, one per line; null for a passed check. */
  fix: string | null;
}

export const passed = (detail: string): Verdict => ({ ok: true, detail });
export const failed = (detail: string, ...steps: string[]): Verdict => ({ ok: false, detail, steps });

export async function runChecks(
  checks: readonly Check[],
  onFinding: (finding: Finding) => void,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { name, run } of checks) {
    const finding = findingFrom(name, await run().catch(failedToRun));
    findings.push(finding);
    onFinding(finding);
  }
  return findings;
}

function failedToRun(error: unknown): Verdict {
  const message = error instanceof Error ? error.message : String(error);
  return failed(`The check could not run: ${message}`, 'Fix this problem and run the doctor again.');
}

function findingFrom(name: string, verdict: Verdict): Finding {
  const { ok, detail } = verdict;
  const fix = verdict.ok ? null : verdict.steps.map((step, index) => `${index + 1}. ${step}`).join('\n');
  return { name, ok, detail, fix };
}
