// `node bootstrap/dependencies.mjs`: reports direct dependencies without a release in two years, and known
// vulnerabilities of all dependencies. Asks the registry through npm. Prints `skipped: <reason>` for a part that the
// registry does not answer. Exits with 1 if there is a finding.
// The release dates are stored for a week in `.cache/dependencies.json`.
// Runs on Node 18 or newer.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runCaptured } from './child-process.mjs';
import { npmCommand } from './npm.mjs';
import { root } from './prepare.mjs';

/** Packages without a release in two years that stay, with the reason. */
const ACCEPTED = {};

const YEAR_MS = 365 * 86_400_000;
const STALE_MS = 2 * YEAR_MS;
const CACHE_MS = 7 * 86_400_000;
const CONCURRENCY = 4;
const CACHE_FILE = join(root, '.cache/dependencies.json');

const findings = [...(await staleDependencies()), ...(await vulnerabilities())];
for (const finding of findings) console.log(finding);
process.exitCode = findings.length > 0 ? 1 : 0;

async function staleDependencies() {
  const names = ['package.json', 'client/package.json', 'dashboard/package.json']
    .filter((file) => existsSync(join(root, file)))
    .flatMap((file) => Object.keys(JSON.parse(readFileSync(join(root, file), 'utf8')).dependencies ?? {}))
    .filter((name, index, all) => all.indexOf(name) === index);
  const cached = readCache();
  const missing = names.filter((name) => !(Date.now() - cached[name]?.readAt < CACHE_MS));
  const unanswered = [];
  const next = async () => {
    for (let name = missing.pop(); name !== undefined; name = missing.pop()) {
      const releasedAt = await latestRelease(name);
      if (releasedAt === undefined) unanswered.push(name);
      else cached[name] = { releasedAt, readAt: Date.now() };
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, next));
  mkdirSync(dirname(CACHE_FILE), { recursive: true });
  writeFileSync(CACHE_FILE, JSON.stringify(cached));
  if (unanswered.length > 0) {
    skip(`the registry did not answer for the release dates of ${unanswered.sort().join(', ')}`);
  }
  return names
    .filter((name) => !(name in ACCEPTED) && Date.now() - Date.parse(cached[name]?.releasedAt) > STALE_MS)
    .map(
      (name) =>
        `${name}: the last release is from ${cached[name].releasedAt.slice(0, 10)}. Replace it, or add it to ACCEPTED with a reason.`,
    );
}

/** Returns the date of the latest release; undefined if the registry does not answer. */
async function latestRelease(name) {
  const times = await npmJson(['view', name, 'time']);
  if (times === undefined || times.error) return undefined;
  const dates = Object.entries(times).filter(([version]) => /^\d/.test(version));
  return dates
    .map(([, date]) => date)
    .sort()
    .at(-1);
}

async function vulnerabilities() {
  const report = await npmJson(['audit']);
  if (report?.auditReportVersion === undefined) {
    skip(
      `the registry did not answer the audit of vulnerabilities (${report?.message ?? 'no JSON response'})`,
    );
    return [];
  }
  return Object.values(report.vulnerabilities).map(({ name, severity, range, via }) => {
    const titles = via.flatMap((cause) => cause.title ?? []).join('; ');
    return `${name} ${range}: ${severity} vulnerability${titles === '' ? '' : ` (${titles})`}. Run npm audit.`;
  });
}

async function npmJson(args) {
  const [command, ...first] = npmCommand(process.env);
  const options = { cwd: root, env: process.env };
  const flags = ['--json', '--loglevel=silent', '--fetch-retries=0', '--fetch-timeout=20000'];
  const { output } = await runCaptured(command, [...first, ...args, ...flags], options);
  try {
    return JSON.parse(output);
  } catch {
    return undefined;
  }
}

function readCache() {
  try {
    return JSON.parse(readFileSync(CACHE_FILE, 'utf8'));
  } catch {
    return {};
  }
}

function skip(reason) {
  console.log(`skipped: ${reason}`);
}
