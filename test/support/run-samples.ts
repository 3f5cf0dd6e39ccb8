/**
 * Runs many samples of a language in one process of that language, one after the other, as they stand on the page.
 * They print a status and a body; for curl, which prints the body alone, its settings add the status.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export type Ran = { status: number; body: string };

const run = promisify(execFile);
const END = '@@ the end of a sample @@';

export const RUNNERS = { curl: runCurl, JavaScript: runJavascript, Python: runPython } as const;

async function runCurl(samples: readonly string[], key: string): Promise<Ran[]> {
  return inFolder(async (folder) => {
    writeFileSync(join(folder, '.curlrc'), 'write-out = "\\n%{http_code}"\n');
    writeFileSync(join(folder, 'samples.sh'), samples.map((sample) => `${sample}\necho '${END}'`).join('\n'));
    const output = await outputs('sh', [join(folder, 'samples.sh')], folder, {
      HOMING_KEY: key,
      CURL_HOME: folder,
    });
    return output.map((one) => {
      const [, body = '', status] = /^(.*)\n(\d+)$/s.exec(one) ?? [];
      return { status: Number(status), body };
    });
  });
}

async function runJavascript(samples: readonly string[], key: string): Promise<Ran[]> {
  return inFolder(async (folder) => {
    samples.forEach((sample, index) => {
      writeFileSync(join(folder, `${index}.mjs`), sample);
    });
    const main = samples
      .map((_, index) => `await import('./${index}.mjs'); console.log('${END}');`)
      .join('\n');
    writeFileSync(join(folder, 'main.mjs'), main);
    return (await outputs(process.execPath, [join(folder, 'main.mjs')], folder, { HOMING_KEY: key })).map(
      statusFirst,
    );
  });
}

async function runPython(samples: readonly string[], key: string): Promise<Ran[]> {
  return inFolder(async (folder) => {
    writeFileSync(join(folder, 'samples.json'), JSON.stringify(samples));
    // A refusal is an exception in Python; its status is what matters here.
    const main = [
      'import json, sys, urllib.error',
      'for sample in json.load(open(sys.argv[1], encoding="utf-8")):',
      '    try: exec(compile(sample, "sample", "exec"), {"__name__": "__main__"})',
      '    except urllib.error.HTTPError as refusal: print(refusal.code, refusal.read().decode())',
      `    print(${JSON.stringify(END)})`,
    ];
    writeFileSync(join(folder, 'main.py'), main.join('\n'));
    const files = [join(folder, 'main.py'), join(folder, 'samples.json')];
    return (await outputs('python3', ['-X', 'utf8', ...files], folder, { HOMING_KEY: key })).map(statusFirst);
  });
}

async function outputs(
  program: string,
  args: readonly string[],
  cwd: string,
  env: Record<string, string>,
): Promise<string[]> {
  const { stdout, stderr } = await run(program, args, {
    cwd,
    env: { ...process.env, ...env },
    maxBuffer: 2 ** 26,
  });
  if (stderr !== '') throw new Error(stderr);
  return stdout
    .split(`${END}\n`)
    .slice(0, -1)
    .map((one) => one.trimEnd());
}

function statusFirst(output: string): Ran {
  const [, status, body = ''] = /^(\d+) ?(.*)$/s.exec(output) ?? [];
  return { status: Number(status), body };
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'homing-samples-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
