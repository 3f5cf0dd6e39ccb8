/** Checks the import directions: `apis, device-apis → http → core ← store`; in the core `model ← ports ← features`. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

interface Layer {
  /** Folders and files from which the layer may import, in addition to itself. */
  mayImport: readonly string[];
  /** Packages and node: modules that the layer may import; undefined: any. */
  packages?: readonly string[];
}

const LAYERS: Record<string, Layer> = {
  'shared/': { mayImport: [] },
  'broker/core/': { mayImport: ['shared/'], packages: [] },
  'broker/store/': { mayImport: ['broker/core/', 'shared/'] },
  'broker/cluster/': { mayImport: ['broker/core/'] },
  'broker/http/': { mayImport: ['broker/core/', 'shared/'] },
  'broker/egress/': { mayImport: ['shared/'] },
  'broker/media/': { mayImport: ['broker/core/', 'broker/egress/', 'shared/'] },
  'broker/devices/': { mayImport: ['broker/core/', 'shared/'] },
  'broker/apis/admin/': { mayImport: ['broker/http/', 'broker/media/', 'broker/core/', 'shared/'] },
  'broker/apis/inkbox/': { mayImport: ['broker/http/', 'broker/core/', 'shared/'] },
  // The iMessage API of Inkbox has the error format, the numbers and the attachments of its texts API.
  'broker/apis/inkbox-imessage/': {
    mayImport: ['broker/apis/inkbox/', 'broker/http/', 'broker/core/', 'shared/'],
  },
  'broker/apis/texting-blue/': { mayImport: ['broker/http/', 'broker/core/', 'shared/'] },
  'broker/apis/textus/': { mayImport: ['broker/http/', 'broker/media/', 'broker/core/', 'shared/'] },
  'broker/apis/textree/': { mayImport: ['broker/http/', 'broker/core/', 'shared/'] },
  // The MCP API uses Textree's error format and token scopes.
  'broker/apis/mcp/': { mayImport: ['broker/apis/textree/', 'broker/http/', 'broker/core/', 'shared/'] },
  'broker/device-apis/media/': { mayImport: ['broker/http/', 'broker/media/', 'broker/core/', 'shared/'] },
  'broker/device-apis/relay/': {
    mayImport: ['broker/http/', 'broker/devices/', 'broker/media/', 'broker/core/', 'shared/'],
  },
  'broker/device-apis/shortcuts/': {
    mayImport: ['broker/http/', 'broker/devices/', 'broker/core/', 'shared/'],
  },
  'broker/device-apis/setup-page/': {
    mayImport: ['broker/http/', 'broker/devices/', 'broker/core/', 'shortcuts/', 'shared/'],
  },
  'broker/device-apis/provider-callbacks/': { mayImport: ['broker/http/', 'broker/core/', 'shared/'] },
  'broker/metrics/': {
    mayImport: ['broker/http/', 'broker/core/', 'broker/devices/', 'shared/'],
    packages: ['prom-client', 'ipaddr.js', 'node:crypto', 'node:http'],
  },
  'broker/health/': { mayImport: ['broker/http/', 'broker/core/', 'shared/'] },
  'broker/dashboard/': { mayImport: ['broker/http/', 'broker/core/'] },
  'broker/docs-site/': { mayImport: ['broker/http/', 'broker/core/', 'docs/reference/'] },
  'broker/providers/': { mayImport: ['broker/core/', 'shared/'] },
  'broker/delivery/sse/': { mayImport: ['broker/core/'] },
  'broker/delivery/webhooks/': { mayImport: ['broker/core/', 'broker/egress/', 'shared/'] },
  'broker/settings.ts': { mayImport: ['broker/core/', 'shared/'] },
  'broker/config.ts': { mayImport: ['broker/settings.ts', 'broker/core/'] },
  'broker/plans-file.ts': { mayImport: ['broker/config.ts', 'broker/core/'] },
  'broker/data-folder.ts': { mayImport: [] },
  'broker/broker-record.ts': { mayImport: [] },
  'broker/store-address.ts': { mayImport: ['broker/config.ts', 'broker/data-folder.ts', 'broker/store/'] },
  'broker/passwords.ts': { mayImport: ['broker/core/'] },
  'broker/secrets.ts': { mayImport: ['broker/core/'] },
  'broker/compose/': { mayImport: ['broker/', 'shared/'] },
  'broker/main.ts': { mayImport: ['broker/', 'shared/'] },
  'broker/run-broker.ts': { mayImport: ['broker/'] },
  'relay-agent/': { mayImport: ['shared/'] },
  'shortcuts/': { mayImport: ['shared/'] },
  'client/src/': { mayImport: [], packages: ['eventsource-parser', 'openapi-fetch'] },
  'cli/': { mayImport: ['broker/', 'client/src/', 'relay-agent/', 'shared/', 'shortcuts/'] },
};

/** The folders of broker/core, from the lowest floor to the highest. A folder imports from lower floors only. */
const CORE_FLOORS: ReadonlyArray<readonly string[]> = [
  ['model'],
  ['ports'],
  ['lifecycle'],
  ['billing', 'sandbox', 'accounts', 'members', 'webhooks', 'groups', 'capabilities'],
  ['dispatch', 'inbox', 'contacts'],
  ['numbers', 'messages'],
  ['providers'],
];

const files = globSync([
  'shared/**/*.ts',
  'broker/**/*.ts',
  'relay-agent/**/*.ts',
  'shortcuts/**/*.ts',
  'client/src/**/*.ts',
  'cli/**/*.ts',
]).sort();

function layerOf(file: string): string | undefined {
  return Object.keys(LAYERS).find((name) => file.startsWith(name));
}

function importsOf(file: string): string[] {
  const source = readFileSync(file, 'utf8');
  return [
    ...source.matchAll(
      /(?:^import |^export [^;]*? from |^\} from |^import [^;]*? from |\bimport\()'([^'\n]+)'/gm,
    ),
  ].map((match) => match[1]!);
}

describe('import directions', () => {
  it('every source file belongs to a layer', () => {
    expect(files.length).toBeGreaterThan(40);
    expect(files.filter((file) => layerOf(file) === undefined)).toEqual([]);
  });

  it.each(Object.keys(LAYERS))('%s imports only the layers below it', (name) => {
    const { mayImport, packages } = LAYERS[name]!;
    const wrong: string[] = [];
    for (const file of files.filter((candidate) => layerOf(candidate) === name)) {
      for (const specifier of importsOf(file)) {
        if (!specifier.startsWith('.')) {
          if (packages !== undefined && !packages.includes(specifier))
            wrong.push(`${file} imports ${specifier}`);
          continue;
        }
        const target = normalize(join(dirname(file), specifier));
        if (![name, ...mayImport].some((allowed) => target.startsWith(allowed))) {
          wrong.push(`${file} imports ${target}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  it('broker/core: every folder has a floor and imports only from the floors below it', () => {
    const floorOf = (folder: string) => CORE_FLOORS.findIndex((floor) => floor.includes(folder));
    const folderOf = (file: string) => file.slice('broker/core/'.length).split('/')[0]!;
    const wrong: string[] = [];
    for (const file of files.filter((candidate) => candidate.startsWith('broker/core/'))) {
      const folder = folderOf(file);
      if (floorOf(folder) < 0) wrong.push(`${file} is in a folder without a floor`);
      for (const specifier of importsOf(file).filter((one) => one.startsWith('.'))) {
        const target = normalize(join(dirname(file), specifier));
        if (!target.startsWith('broker/core/') || folderOf(target) === folder) continue;
        if (floorOf(folderOf(target)) >= floorOf(folder)) wrong.push(`${file} imports ${target}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('no file imports itself through other files', () => {
    const graph = new Map(
      files.map((file) => [
        file,
        importsOf(file)
          .filter((specifier) => specifier.startsWith('.') && specifier.endsWith('.ts'))
          .map((specifier) => normalize(join(dirname(file), specifier))),
      ]),
    );
    const done = new Set<string>();
    const visit = (file: string, path: readonly string[]): string[] | undefined => {
      if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
      if (done.has(file)) return undefined;
      for (const next of graph.get(file) ?? []) {
        const cycle = visit(next, [...path, file]);
        if (cycle !== undefined) return cycle;
      }
      done.add(file);
      return undefined;
    };
    expect(files.map((file) => visit(file, [])).filter((cycle) => cycle !== undefined)).toEqual([]);
  });

  it('broker/core reads no environment variable, clock or random source', () => {
    const wrong = files
      .filter((file) => file.startsWith('broker/core/'))
      .filter((file) =>
        /process\.env|Date\.now\(|Math\.random\(|new Date\(\)|setTimeout|setInterval/.test(
          readFileSync(file, 'utf8'),
        ),
      );
    expect(wrong).toEqual([]);
  });
});
