/**
 * Builds a Dockerfile without a container engine. Each stage is a folder that contains only Node and npm in
 * usr/local/bin. The instructions of the stage run in it: absolute paths lead into the folder.
 * `USER` takes effect if the test runs as root. Throws on an instruction, a flag or a source that it does not know.
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { basename, delimiter, join, resolve } from 'node:path';
import ignore from '@balena/dockerignore';
import {
  DockerfileParser,
  type Instruction,
  type JSONInstruction,
  type PropertyInstruction,
} from 'dockerfile-ast';

export interface Stage {
  base: string;
  folder: string;
  workdir: string;
  env: Record<string, string>;
  /** uid:gid */
  user: string | undefined;
  entrypoint: string[];
  cmd: string[];
  healthcheck: string[];
  labels: Record<string, string>;
  ports: string[];
  volumes: string[];
}

interface BuildOptions {
  dockerfile: string;
  /** The folder with .dockerignore. */
  context: string;
  /** An empty folder for the stages. */
  folder: string;
}

const isRoot = process.getuid?.() === 0;

/** Returns the last stage. */
export function buildImage({ dockerfile, context, folder }: BuildOptions): Stage {
  const stages: Stage[] = [];
  const names = new Map<string, Stage>();
  for (const instruction of DockerfileParser.parse(readFileSync(dockerfile, 'utf8')).getInstructions()) {
    if (instruction.getKeyword() === 'FROM') {
      const [base = '', as, name] = valuesOf(instruction);
      const stage = newStage(base, join(folder, String(stages.length)));
      stages.push(stage);
      if (as?.toUpperCase() === 'AS' && name !== undefined) names.set(name, stage);
    } else {
      const stage = stages.at(-1);
      if (stage === undefined) throw new Error(`${instruction.getKeyword()} stands before FROM.`);
      runInstruction(stage, instruction, (from) => {
        if (from === undefined) return copyOfContext(context, join(folder, 'context'));
        const source = names.get(from);
        if (source === undefined) throw new Error(`No stage has the name ${from}.`);
        return source.folder;
      });
    }
  }
  const last = stages.at(-1);
  if (last === undefined) throw new Error(`${dockerfile} contains no stage.`);
  return last;
}

/** Returns the options of a process that runs in the stage, with `env` as settings of the container. */
export function inStage(stage: Stage, env: Record<string, string> = {}) {
  const [uid, gid] = (stage.user ?? '').split(':').map(Number);
  return {
    cwd: inside(stage, stage.workdir),
    env: { ...cleanEnvironment(stage), ...stage.env, ...env },
    ...(isRoot && stage.user !== undefined ? { uid, gid } : {}),
  };
}

/** Replaces the absolute paths of a command or a list of paths by paths in the folder of the stage. */
function inside(stage: Stage, text: string): string {
  const found = /(?<=^|[\s=:'"])\/(?=\w|$)/g;
  const outside = /(?<![\w.*}/-])\/\w/.exec(text.replaceAll(found, ''));
  if (outside)
    throw new Error(`The path at "${text.slice(outside.index, outside.index + 40)}" is not supported.`);
  return text.replaceAll(found, `${stage.folder}/`);
}

/** Replaces the arguments that are absolute paths. */
const argumentInside = (stage: Stage) => (argument: string) =>
  argument.startsWith('/') ? inside(stage, argument) : argument;

/** The files of the build context: all that .dockerignore does not exclude. */
export function contextFiles(context: string): string[] {
  const rules = readFileSync(join(context, '.dockerignore'), 'utf8');
  const excluded = ignore.default().add(rules);
  const included = rules.split('\n').flatMap((line) => (line.startsWith('!') ? line.slice(1) : []));
  const filesIn = (path: string): string[] =>
    readdirSync(join(context, path), { withFileTypes: true }).flatMap((entry) => {
      const file = join(path, entry.name);
      const isIgnored = excluded.ignores(file);
      if (!entry.isDirectory()) return isIgnored ? [] : [file];
      // As Docker: an excluded folder is read only if a rule includes a part of it.
      if (isIgnored && !included.some((rule) => rule.startsWith(`${file}/`))) return [];
      return filesIn(file);
    });
  return filesIn('');
}

function newStage(base: string, folder: string): Stage {
  mkdirSync(join(folder, 'usr/local/bin'), { recursive: true });
  // A copy, because the user of the image may not read the folder of this Node.
  cpSync(process.execPath, join(folder, 'usr/local/bin/node'));
  symlinkSync(programOnPath('npm'), join(folder, 'usr/local/bin/npm'));
  const path = `${join(folder, 'usr/local/bin')}:/usr/bin:/bin`;
  return {
    base,
    folder,
    workdir: '/',
    env: { PATH: path },
    user: undefined,
    entrypoint: [],
    cmd: [],
    healthcheck: [],
    labels: {},
    ports: [],
    volumes: [],
  };
}

function runInstruction(stage: Stage, instruction: Instruction, sourceOf: (from?: string) => string): void {
  const text = instruction.getArgumentsContent() ?? '';
  switch (instruction.getKeyword()) {
    case 'WORKDIR':
      stage.workdir = resolve(stage.workdir, text);
      mkdirSync(inside(stage, stage.workdir), { recursive: true });
      return;
    case 'COPY':
      copy(stage, instruction as JSONInstruction, sourceOf);
      return;
    case 'RUN': {
      const { status, stdout, stderr } = spawnSync('sh', ['-ec', withoutOwners(inside(stage, text))], {
        ...inStage({ ...stage, user: undefined }),
        encoding: 'utf8',
      });
      if (status !== 0) throw new Error(`RUN ${text} failed (${status}):\n${stdout}${stderr}`);
      return;
    }
    case 'ENV':
      for (const [name, value] of propertiesOf(instruction))
        stage.env[name] = inside(stage, value).replaceAll(/\$(\w+)/g, (_, used) => stage.env[used] ?? '');
      return;
    case 'LABEL':
      stage.labels = { ...stage.labels, ...Object.fromEntries(propertiesOf(instruction)) };
      return;
    case 'USER':
      stage.user = text;
      return;
    case 'EXPOSE':
      stage.ports.push(...valuesOf(instruction));
      return;
    case 'VOLUME':
      stage.volumes.push(...valuesOf(instruction));
      return;
    case 'ENTRYPOINT':
      stage.entrypoint = jsonOf(stage, instruction as JSONInstruction);
      stage.cmd = [];
      return;
    case 'CMD':
      stage.cmd = jsonOf(stage, instruction as JSONInstruction);
      return;
    case 'HEALTHCHECK':
      stage.healthcheck = JSON.parse(text.slice(text.indexOf('['))).map(argumentInside(stage));
      return;
    default:
      throw new Error(`The instruction ${instruction.getKeyword()} is not supported.`);
  }
}

function copy(stage: Stage, instruction: JSONInstruction, sourceOf: (from?: string) => string): void {
  const flags = new Map(instruction.getFlags().map((flag) => [flag.getName(), flag.getValue() ?? undefined]));
  const unknown = [...flags.keys()].find((name) => name !== 'from');
  if (unknown !== undefined) throw new Error(`COPY --${unknown} is not supported.`);
  const sources = valuesOf(instruction);
  const given = sources.pop() ?? '';
  const target = inside(stage, resolve(stage.workdir, given));
  const from = sourceOf(flags.get('from'));
  for (const source of sources) {
    const path = join(from, source);
    const isFolder = statSync(path).isDirectory();
    const isIntoFolder = !isFolder && (given.endsWith('/') || sources.length > 1);
    cpSync(path, isIntoFolder ? join(target, basename(source)) : target, {
      recursive: true,
      verbatimSymlinks: true,
    });
  }
}

function copyOfContext(context: string, folder: string): string {
  for (const file of contextFiles(context))
    cpSync(join(context, file), join(folder, file), { verbatimSymlinks: true });
  return folder;
}

/** Only root may set the owner of a file. */
function withoutOwners(command: string): string {
  return isRoot ? command : command.replaceAll(/ -[og] \w+/g, '');
}

const valuesOf = (instruction: Instruction) =>
  instruction.getArguments().map((argument) => argument.getValue());

const propertiesOf = (instruction: Instruction) =>
  (instruction as PropertyInstruction)
    .getProperties()
    .map((property) => [property.getName(), property.getValue() ?? ''] as const);

function jsonOf(stage: Stage, instruction: JSONInstruction): string[] {
  const strings = instruction.getJSONStrings().map((one) => argumentInside(stage)(one.getJSONValue()));
  if (strings.length === 0) throw new Error(`${instruction.getKeyword()} must have the exec form.`);
  return strings;
}

function programOnPath(name: string): string {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const found = folders
    .map((folder) => join(folder, name))
    .find((file) => statSync(file, { throwIfNoEntry: false }));
  if (found === undefined) throw new Error(`${name} is not on PATH.`);
  return realpathSync(found);
}

/** Without the settings of this machine and of a calling npm. */
function cleanEnvironment(stage: Stage): Record<string, string | undefined> {
  const names = /^(npm_|DATABASE_|HOMING_|TWILIO_|NODE_|VITEST)/;
  const kept = Object.entries(process.env).filter(([name]) => !names.test(name));
  chmodSync(stage.folder, 0o755);
  // The packages are in the cache of npm, from the installation of the repository.
  return { ...Object.fromEntries(kept), npm_config_prefer_offline: 'true' };
}
