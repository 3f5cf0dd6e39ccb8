/** Checks that the dashboard and the alerts use only metrics of the running broker. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import { clientFor } from '../../support/http-client.ts';
import { type Metrics, readMetrics } from '../../support/metrics.ts';

interface Panel {
  id: number;
  type: string;
  title: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets?: { expr: string; refId: string }[];
}

interface Dashboard {
  title: string;
  uid: string;
  schemaVersion: number;
  panels: Panel[];
  templating: { list: { name: string; type: string; definition?: string }[] };
}

const dashboard: Dashboard = JSON.parse(readFileSync('deploy/grafana/homing.json', 'utf8'));
const rules = readRules(readFileSync('deploy/prometheus/alerts.yml', 'utf8'));

/** Labels that Prometheus and histograms add to every series. */
const ADDED_LABELS = ['job', 'instance', 'le'];

/** Parses the simple format of the file: each rule is a list item, and each field has its own line. */
function readRules(yaml: string): Record<string, string>[] {
  expect(yaml).not.toContain('\t');
  const [, ...items] = yaml.split(/^ {6}- (?=alert:)/m);
  return items.map((item) =>
    Object.fromEntries(
      [...item.matchAll(/^ *(\w+): (.+)$/gm)].map(([, name, value]) => [
        name,
        value!.replace(/^'(.*)'$/, '$1'),
      ]),
    ),
  );
}

const METRIC = /\b(?:homing|nodejs|process)_\w+/g;

/** Returns the names of metrics in an expression, with the labels that it uses. */
function usedIn(expr: string): { name: string; labels: string[] }[] {
  return [...expr.matchAll(/\b((?:homing|nodejs|process)_\w+)(?:\{([^}]*)\})?/g)].map(
    ([, name, selector]) => ({
      name: name!,
      labels: [...(selector ?? '').matchAll(/(\w+)(?:=~|!~|!=|=)"/g)].map(([, label]) => label!),
    }),
  );
}

const expressions = [
  ...dashboard.panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({ where: `panel ${title}`, expr })),
  ),
  ...dashboard.templating.list.flatMap(({ name, definition }) =>
    definition === undefined ? [] : [{ where: `variable ${name}`, expr: definition }],
  ),
  ...rules.map(({ alert, expr }) => ({ where: `alert ${alert}`, expr: expr! })),
];

describe('the files to deploy', () => {
  let homing: HomingProcess;
  let metrics: Metrics;
  beforeAll(async () => {
    homing = await startHoming();
    const { json } = await homing.cli('pair', '+14155552001', '--json');
    const live = clientFor(homing.url, homing.liveKey);
    const waiting = { from: json[0].number, to: '+14155550142', content: 'x' };
    expect((await live.post('/v1/messages/send', waiting)).status).toBe(202);
    metrics = await readMetrics(homing.url);
  });
  afterAll(() => homing?.dispose());

  const samplesOf = (name: string) => metrics.samples.filter((sample) => sample.name === name);

  it('contain the dashboard and every alert', () => {
    expect(dashboard).toMatchObject({ title: 'Homing', uid: 'homing', schemaVersion: expect.any(Number) });
    expect(rules.map(({ alert }) => alert)).toEqual([
      ...['HomingQueueOld', 'HomingNoDevice', 'HomingFailures', 'HomingWebhooksLate', 'HomingEventLoopSlow'],
      'HomingProjectionsBehind',
    ]);
    for (const rule of rules) {
      expect(rule.for).toMatch(/^\d+m$/);
      expect(rule.severity).toMatch(/^(warning|critical)$/);
      expect(rule.summary?.length).toBeGreaterThan(10);
      expect(rule.description?.length).toBeGreaterThan(10);
    }
  });

  it.each(expressions)('use metrics and labels of the running broker: $where', ({ expr }) => {
    const used = usedIn(expr);
    expect(used.length).toBeGreaterThan(0);
    for (const { name, labels } of used) {
      const samples = samplesOf(name);
      expect(samples.length, name).toBeGreaterThan(0);
      const known = new Set([...ADDED_LABELS, ...samples.flatMap((sample) => Object.keys(sample.labels))]);
      expect(
        labels.filter((label) => !known.has(label)),
        `labels of ${name}`,
      ).toEqual([]);
    }
    const grouped = [...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, labels]) => labels!.split(/, */));
    const known = used.flatMap(({ name }) => samplesOf(name).flatMap(({ labels }) => Object.keys(labels)));
    expect(grouped.filter((label) => ![...ADDED_LABELS, ...known].includes(label))).toEqual([]);
  });

  it('have balanced brackets and quotes in every expression', () => {
    for (const { where, expr } of expressions) {
      const bare = expr.replace(/"[^"]*"/g, '');
      expect(bare, where).not.toContain('"');
      for (const [open, close] of ['()', '[]', '{}']) {
        expect(bare.split(open!).length, `${where}: ${expr}`).toBe(bare.split(close!).length);
      }
    }
  });

  it('show every metric of the broker', () => {
    const used = new Set(expressions.flatMap(({ expr }) => expr.match(METRIC) ?? []));
    const shown = [...used].map((name) => name.replace(/_(bucket|sum|count)$/, ''));
    const measured = [...metrics.types.keys()].filter((name) => name.startsWith('homing_'));
    expect(measured.length).toBeGreaterThan(10);
    expect(measured.filter((name) => !shown.includes(name))).toEqual([]);
  });

  it('have panels that do not overlap', () => {
    const { panels } = dashboard;
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)} ${y + Math.floor(cell / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(Math.max(...panels.map(({ gridPos }) => gridPos.x + gridPos.w))).toBeLessThanOrEqual(24);
  });

  it('use metric names that end with a unit or the counted thing', () => {
    for (const [name, type] of metrics.types) {
      if (!name.startsWith('homing_')) continue;
      expect(name.endsWith('_total'), name).toBe(type === 'counter');
      expect(name).toMatch(
        /_(total|seconds|messages|transactions|commits|takers|online|events|streams|brokers|roles)$/,
      );
    }
  });
});
