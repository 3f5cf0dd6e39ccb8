/** Checks deploy/kubernetes: the schemas of Kubernetes, unknown fields, and the references between the objects. */
import { globSync, readFileSync } from 'node:fs';
import { validate as validateDeployment } from 'kubernetes-models/_schemas/IoK8sApiAppsV1Deployment';
import { validate as validateJob } from 'kubernetes-models/_schemas/IoK8sApiBatchV1Job';
import { validate as validateSecret } from 'kubernetes-models/_schemas/IoK8sApiCoreV1Secret';
import { validate as validateService } from 'kubernetes-models/_schemas/IoK8sApiCoreV1Service';
import { validate as validateIngress } from 'kubernetes-models/_schemas/IoK8sApiNetworkingV1Ingress';
import { validate as validateBudget } from 'kubernetes-models/_schemas/IoK8sApiPolicyV1PodDisruptionBudget';
import type { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import type { Job } from 'kubernetes-models/batch/v1/Job';
import type { Ingress } from 'kubernetes-models/networking.k8s.io/v1/Ingress';
import type { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import type { Secret } from 'kubernetes-models/v1/Secret';
import type { Service } from 'kubernetes-models/v1/Service';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { STOP_MAX_MS } from '../../cli/commands/serve.ts';
import { settingProblems } from '../support/deployment-settings.ts';

type Validate = ((data: unknown) => boolean) & { errors?: unknown[] | null };
const VALIDATORS: Record<string, Validate> = {
  'apps/v1 Deployment': validateDeployment,
  'batch/v1 Job': validateJob,
  'networking.k8s.io/v1 Ingress': validateIngress,
  'policy/v1 PodDisruptionBudget': validateBudget,
  'v1 Secret': validateSecret,
  'v1 Service': validateService,
};

interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string };
}

const files = globSync('deploy/kubernetes/*.yaml').toSorted();
const manifests: Manifest[] = files.flatMap((file) =>
  parseAllDocuments(readFileSync(file, 'utf8')).map((document) => {
    if (document.errors.length > 0) throw document.errors[0];
    return document.toJS();
  }),
);
const named = (kind: string, name = 'homing') =>
  manifests.find((one) => one.kind === kind && one.metadata.name === name) as unknown;

const deployment = named('Deployment') as Deployment;
const init = named('Job', 'homing-init') as Job;
const secret = named('Secret') as Secret;
const pod = deployment.spec?.template;
const container = pod?.spec?.containers[0];

describe('deploy/kubernetes', () => {
  it('contains each object once', () => {
    expect(files.length).toBe(4);
    expect(manifests.map(({ kind, metadata }) => `${kind} ${metadata.name}`).toSorted()).toEqual([
      'Deployment homing',
      'Ingress homing',
      'Job homing-init',
      'PodDisruptionBudget homing',
      'Secret homing',
      'Service homing',
      'Service homing-devices',
    ]);
  });

  it.each(manifests)(
    '$kind $metadata.name matches the schema of Kubernetes and has known fields only',
    (manifest) => {
      const validate = VALIDATORS[`${manifest.apiVersion} ${manifest.kind}`];
      const { value, unread } = recordReads(manifest);
      expect(validate?.(value), JSON.stringify(validate?.errors)).toBe(true);
      expect(unread()).toEqual([]);
    },
  );

  it('selects the pods of the deployment by their labels', () => {
    const labels = pod?.metadata?.labels ?? {};
    const selectors = [
      deployment.spec?.selector.matchLabels,
      (named('PodDisruptionBudget') as PodDisruptionBudget).spec?.selector?.matchLabels,
      ...['homing', 'homing-devices'].map((name) => (named('Service', name) as Service).spec?.selector),
      ...(pod?.spec?.topologySpreadConstraints ?? []).map((one) => one.labelSelector?.matchLabels),
    ];
    expect(selectors.length).toBe(6);
    for (const selector of selectors) expect(selector).toEqual(labels);
    // A pod of the job must not get requests.
    expect(init.spec?.template.metadata?.labels).not.toEqual(labels);
  });

  it('leads from the ingress through the services to the port of the broker', () => {
    const image = parseEnvironment(readFileSync('deploy/Dockerfile', 'utf8'));
    expect(container?.ports).toEqual([{ name: 'http', containerPort: Number(image.HOMING_PORT) }]);
    const { rules = [], tls = [] } = (named('Ingress') as Ingress).spec ?? {};
    const paths = rules.flatMap(({ http }) => http?.paths ?? []);
    expect(paths.map(({ path, backend }) => [path, backend.service?.name])).toEqual([
      ['/relay', 'homing-devices'],
      ['/shortcuts', 'homing-devices'],
      ['/', 'homing'],
    ]);
    for (const { backend } of paths) {
      const service = named('Service', backend.service?.name) as Service;
      const port = service.spec?.ports?.find(({ name }) => name === backend.service?.port?.name);
      expect(port?.targetPort).toBe('http');
    }
    const hosts = rules.map(({ host }) => host);
    expect(tls.flatMap((one) => one.hosts)).toEqual(hosts);
    expect(container?.env?.find(({ name }) => name === 'HOMING_PUBLIC_URL')?.value).toBe(
      `https://${hosts[0]}`,
    );
  });

  it('routes a device to one broker as haproxy.cfg does', () => {
    const { annotations } = (named('Service', 'homing-devices') as Service).metadata ?? {};
    const proxy = readFileSync('deploy/haproxy.cfg', 'utf8');
    const balance = annotations?.['haproxy.org/load-balance'] ?? '';
    expect(proxy.toLowerCase()).toContain(`balance ${balance.toLowerCase()}\n`);
    expect(proxy).toContain(`${annotations?.['haproxy.org/backend-config-snippet']}\n`);
    expect(Number.parseInt(annotations?.['haproxy.org/timeout-server'] ?? '', 10)).toBeGreaterThan(50);
  });

  it('sets only settings of the broker, with valid values', () => {
    const values = Object.fromEntries((container?.env ?? []).map(({ name, value }) => [name, value ?? '']));
    expect(settingProblems({ ...values, ...secret.stringData })).toEqual([]);
    for (const one of [container, init.spec?.template.spec?.containers[0]])
      expect(one?.envFrom).toEqual([{ secretRef: { name: secret.metadata?.name } }]);
  });

  it('does not let Kubernetes set HOMING_PORT, which a service named homing does', () => {
    expect([pod, init.spec?.template].map((one) => one?.spec?.enableServiceLinks)).toEqual([false, false]);
  });

  it('probes the readiness for requests only, and gives a start the time of a migration', () => {
    const paths = [container?.startupProbe, container?.livenessProbe, container?.readinessProbe].map(
      (probe) => `${probe?.httpGet?.port} ${probe?.httpGet?.path}`,
    );
    expect(paths).toEqual(['http /healthz', 'http /healthz', 'http /readyz']);
    const { periodSeconds = 0, failureThreshold = 0 } = container?.startupProbe ?? {};
    expect(periodSeconds * failureThreshold).toBeGreaterThanOrEqual(300);
  });

  it('lets a broker drain for longer than two readiness checks, and gives it more time to stop than it needs', () => {
    const drainSeconds = Number(container?.env?.find(({ name }) => name === 'HOMING_DRAIN_SECONDS')?.value);
    expect(drainSeconds).toBeGreaterThan(2 * (container?.readinessProbe?.periodSeconds ?? 10));
    const graceSeconds = pod?.spec?.terminationGracePeriodSeconds ?? 0;
    expect(graceSeconds).toBeGreaterThan(2 * (drainSeconds + STOP_MAX_MS / 1000));
  });

  it('keeps all brokers during an upgrade, and all but one during the maintenance of nodes', () => {
    expect(deployment.spec?.replicas).toBe(3);
    expect(deployment.spec?.strategy?.rollingUpdate).toEqual({ maxSurge: 1, maxUnavailable: 0 });
    expect((named('PodDisruptionBudget') as PodDisruptionBudget).spec?.maxUnavailable).toBe(1);
  });

  it.each([
    ['the deployment', pod?.spec],
    ['the job', init.spec?.template.spec],
  ])('runs %s with the user of the image, a read-only root and without capabilities', (_, spec) => {
    const [, uid, gid] = /^USER (\d+):(\d+)$/m.exec(readFileSync('deploy/Dockerfile', 'utf8')) ?? [];
    expect(spec?.automountServiceAccountToken).toBe(false);
    expect(spec?.securityContext).toEqual({
      runAsNonRoot: true,
      runAsUser: Number(uid),
      runAsGroup: Number(gid),
      fsGroup: Number(gid),
      seccompProfile: { type: 'RuntimeDefault' },
    });
    for (const one of spec?.containers ?? []) {
      expect(one.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      expect(one.resources?.limits).toHaveProperty('memory');
      const mounted = (one.volumeMounts ?? []).map(({ name }) => name);
      expect(mounted.toSorted()).toEqual((spec?.volumes ?? []).map(({ name }) => name).toSorted());
    }
  });

  it('has the image of the version of this repository', () => {
    const { version } = parse(readFileSync('package.json', 'utf8'));
    expect(container?.image).toBe(`registry.example.com/homing:${version}`);
    expect(init.spec?.template.spec?.containers[0]?.image).toBe(container?.image);
  });
});

/**
 * Returns a copy of a value that records which fields are read. The validators read every field that Kubernetes knows, but
 * accept others.
 */
function recordReads(given: unknown, path = ''): { value: unknown; unread: () => string[] } {
  if (typeof given !== 'object' || given === null) return { value: given, unread: () => [] };
  const fields = Object.entries(given).map(([name, field]) => ({
    name,
    ...recordReads(field, `${path}/${name}`),
  }));
  const read = new Set<PropertyKey>();
  const copy = Array.isArray(given) ? [] : {};
  for (const { name, value } of fields) Object.assign(copy, { [name]: value });
  const value = new Proxy(copy, {
    get(target, name) {
      read.add(name);
      return Reflect.get(target, name);
    },
  });
  return {
    value,
    unread: () => fields.flatMap(({ name, unread }) => (read.has(name) ? unread() : `${path}/${name}`)),
  };
}

/** The variables of the last ENV instruction. */
function parseEnvironment(dockerfile: string): Record<string, string> {
  const [, text = ''] = /^ENV ((?:.*\\\n)*.*)$/m.exec(dockerfile) ?? [];
  return Object.fromEntries(
    [...text.matchAll(/(\w+)=(\S+)/g)].map(([, name = '', value = '']) => [name, value]),
  );
}
