/** Which way imports point: `apis → http → core ← store`, `core → shared`, `relay-agent → shared`. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

interface Layer {
  /** Folders or files the layer may import from, beside itself. */
  mayImport: readonly string[];
  /** Packages and node: modules it may import; undefined: any. */
  packages?: readonly string[];
}

const LAYERS: Record<string, Layer> = {
  'shared/': { mayImport: [] },
  'broker/core/': { mayImport: ['shared/'], packages: [] },
  'broker/store/': { mayImport: ['broker/core/', 'shared/'] },
  'broker/http/': { mayImport: ['broker/core/', 'shared/'] },
  'broker/outgoing/': { mayImport: ['shared/'] },
  'broker/media/': { mayImport: ['broker/core/', 'broker/outgoing/', 'shared/'] },
  'broker/apis/media/': { mayImport: ['broker/http/', 'broker/media/', 'broker/core/', 'shared/'] },
  'broker/devices/': { mayImport: ['broker/core/', 'shared/'] },
  'broker/apis/relay/': {
    mayImport: ['broker/http/', 'broker/devices/', 'broker/media/', 'broker/core/', 'shared/'],
  },
  'broker/apis/shortcuts/': {
    mayImport: ['broker/http/', 'broker/devices/', 'broker/core/', 'shared/'],
  },
  'broker/apis/setup-page/': {
    mayImport: ['broker/http/', 'broker/devices/', 'broker/core/', 'shortcuts/', 'shared/'],
  },
  'broker/apis/provider-callbacks/': { mayImport: ['broker/http/', 'broker/core/', 'shared/'] },
  'broker/apis/metrics/': { mayImport: ['broker/http/', 'broker/core/', 'shared/'] },
  'broker/apis/status/': { mayImport: ['broker/http/', 'broker/core/', 'shared/'] },
  'broker/apis/docs/': { mayImport: ['broker/http/', 'broker/core/'] },
  'broker/apis/inkbox/': { mayImport: ['broker/http/', 'broker/core/', 'shared/'] },
  'broker/apis/texting-blue/': { mayImport: ['broker/http/', 'broker/core/', 'shared/'] },
  'broker/apis/textus/': {
    mayImport: ['broker/http/', 'broker/media/', 'broker/core/', 'shared/'],
  },
  'broker/apis/textree/': { mayImport: ['broker/http/', 'broker/core/', 'shared/'] },
  'broker/apis/mcp/': { mayImport: ['broker/http/', 'broker/core/', 'shared/'] },
  'broker/metrics/': {
    mayImport: ['broker/core/', 'broker/devices/', 'shared/'],
    packages: ['prom-client'],
  },
  'broker/providers/': { mayImport: ['broker/core/', 'shared/'] },
  'broker/config.ts': { mayImport: ['broker/core/', 'shared/'] },
  'broker/plans-file.ts': { mayImport: ['broker/config.ts', 'broker/core/'] },
  'broker/data-folder.ts': { mayImport: [] },
  'broker/repeated-work.ts': { mayImport: [], packages: [] },
  'broker/secrets.ts': { mayImport: ['broker/core/'] },
  'broker/background.ts': {
    mayImport: [
      'broker/core/',
      'broker/devices/',
      'broker/providers/',
      'broker/streams/',
      'broker/webhooks/',
      'broker/repeated-work.ts',
    ],
  },
  'broker/streams/': { mayImport: ['broker/core/'] },
  'broker/webhooks/': { mayImport: ['broker/core/', 'broker/outgoing/', 'shared/'] },
  'broker/webhook-requests.ts': {
    mayImport: ['broker/apis/', 'broker/core/', 'broker/webhooks/', 'shared/'],
  },
  'broker/customer-apis.ts': { mayImport: ['broker/', 'shared/'] },
  'broker/main.ts': { mayImport: ['broker/', 'shared/'] },
  'relay-agent/': { mayImport: ['shared/'] },
  'shortcuts/': { mayImport: [] },
  'client/src/': { mayImport: [], packages: ['eventsource-parser', 'openapi-fetch'] },
  'cli/': { mayImport: ['broker/', 'client/src/', 'relay-agent/', 'shared/', 'shortcuts/'] },
};

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

describe('the direction of dependencies', () => {
  it('knows a layer for every source file', () => {
    expect(files.length).toBeGreaterThan(40);
    expect(files.filter((file) => layerOf(file) === undefined)).toEqual([]);
  });

  it.each(Object.keys(LAYERS))('%s imports only what it may', (name) => {
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

  it('has no circle of imports', () => {
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
        const circle = visit(next, [...path, file]);
        if (circle !== undefined) return circle;
      }
      done.add(file);
      return undefined;
    };
    expect(files.map((file) => visit(file, [])).filter((circle) => circle !== undefined)).toEqual([]);
  });

  it('keeps the environment, the clock and chance out of the core', () => {
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
