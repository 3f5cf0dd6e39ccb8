/**
 * Runs the unchanged code samples of a documentation page, in sequence, in one process per language.
 *
 * The samples print a status and a body. curl prints only the body, so its settings add the status.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Status and body that a sample printed. */
export type SampleResponse = { status: number; body: string };

const run = promisify(execFile);
const END = '@@ end of sample @@';

export const RUNNERS = { curl: runCurl, JavaScript: runJavascript, Python: runPython } as const;

async function runCurl(samples: readonly string[], key: string): Promise<SampleResponse[]> {
  return inFolder(async (folder) => {
    writeFileSync(join(folder, '.curlrc'), 'write-out = "\\n%{http_code}"\n');
    writeFileSync(join(folder, 'samples.sh'), samples.map((sample) => `${sample}\necho '${END}'`).join('\n'));
    const output = await outputs('sh', [join(folder, 'samples.sh')], folder, {
      HOMING_KEY: key,
      CURL_HOME: folder,
    });
    return output.map((printed) => {
      const [, body = '', status] = /^(.*)\n(\d+)$/s.exec(printed) ?? [];
      return { status: Number(status), body };
    });
  });
}

async function runJavascript(samples: readonly string[], key: string): Promise<SampleResponse[]> {
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

async function runPython(samples: readonly string[], key: string): Promise<SampleResponse[]> {
  return inFolder(async (folder) => {
    writeFileSync(join(folder, 'samples.json'), JSON.stringify(samples));
    // Python raises an exception for an HTTP error. Print its status and body like those of other responses.
    const main = [
      'import json, sys, urllib.error',
      'for sample in json.load(open(sys.argv[1], encoding="utf-8")):',
      '    try: exec(compile(sample, "sample", "exec"), {"__name__": "__main__"})',
      '    except urllib.error.HTTPError as error: print(error.code, error.read().decode())',
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
    .map((printed) => printed.trimEnd());
}

function statusFirst(output: string): SampleResponse {
  const [, status, body = ''] = /^(\d+) ?(.*)$/s.exec(output) ?? [];
  return { status: Number(status), body };
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'homing-samples-'));
  writeFileSync(join(folder, 'photo.jpg'), 'not a real photo');
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
