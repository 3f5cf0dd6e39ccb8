/** Checks deploy/compose.yaml: the schema of the Compose Specification, its references, its settings, its hardening. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { STOP_MAX_MS } from '../../cli/commands/serve.ts';
import { settingProblems } from '../support/deployment-settings.ts';

interface Service {
  profiles?: string[];
  image: string;
  build?: { context: string; dockerfile: string };
  environment?: Record<string, string>;
  depends_on?: Record<string, { condition: string }>;
  volumes?: string[];
  networks?: string[];
  ports?: string[];
  tmpfs?: string[];
  stop_grace_period?: string;
  [key: string]: unknown;
}

const FOLDER = 'deploy';
const text = readFileSync(join(FOLDER, 'compose.yaml'), 'utf8');
const file = parse(text, { merge: true }) as {
  services: Record<string, Service>;
  networks: Record<string, unknown>;
  volumes: Record<string, unknown>;
};
const services = Object.entries(file.services);
const brokers = services.filter(([, { build }]) => build !== undefined);
const clusterBrokers = brokers.filter(([, { profiles }]) => profiles !== undefined);
/** Replaces each variable by its default. */
const interpolated = (value: string, given: Record<string, string> = {}) =>
  value.replaceAll(/\$\{(\w+)(?::-([^}]*))?\}/g, (_, name, otherwise = '') => given[name] ?? otherwise);
const seconds = (duration = '') => Number(/^(\d+)s$/.exec(duration)?.[1]);

describe('deploy/compose.yaml', () => {
  it('matches the schema of the Compose Specification', () => {
    const { $schema, ...schema } = JSON.parse(readFileSync('test/deploy/compose-spec.json', 'utf8'));
    expect($schema).toBe('https://json-schema.org/draft-07/schema');
    const validate = new Ajv({ strict: false, validateFormats: false, allErrors: true }).compile(schema);
    validate(file);
    expect(validate.errors).toBeNull();
  });

  it('starts one broker on SQLite by default, and the cluster with its profile', () => {
    const names = (profile?: string) =>
      services.flatMap(([name, { profiles }]) => (profiles?.[0] === profile ? name : []));
    expect(names()).toEqual(['broker']);
    expect(names('cluster')).toEqual(['broker-1', 'broker-2', 'broker-3', 'proxy', 'postgres']);
  });

  it('refers only to services, volumes, networks and files that exist', () => {
    const used = { volumes: new Set<string>(), networks: new Set(['default']) };
    for (const [name, service] of services) {
      for (const other of Object.keys(service.depends_on ?? {}))
        expect(file.services[other]?.profiles, `${name} depends on ${other}`).toEqual(service.profiles);
      for (const network of service.networks ?? []) used.networks.add(network);
      for (const volume of service.volumes ?? []) {
        const [source = ''] = volume.split(':');
        if (source.startsWith('./')) expect(existsSync(join(FOLDER, source)), source).toBe(true);
        else if (!source.startsWith('/')) used.volumes.add(source);
      }
      if (service.build === undefined) continue;
      expect(existsSync(join(FOLDER, service.build.context, service.build.dockerfile)), name).toBe(true);
    }
    expect([...used.volumes].toSorted()).toEqual(Object.keys(file.volumes).toSorted());
    expect([...used.networks].toSorted()).toEqual(['default', ...Object.keys(file.networks)].toSorted());
  });

  it('waits for a health check of each service that another service depends on', () => {
    const waited = services.flatMap(([, { depends_on }]) => Object.entries(depends_on ?? {}));
    expect(waited.length).toBe(6);
    for (const [name, { condition }] of waited) {
      expect(condition).toBe('service_healthy');
      // The image of the broker has a health check.
      if (!name.startsWith('broker')) expect(file.services[name]).toHaveProperty('healthcheck');
    }
  });

  it('sets only settings of the broker, with valid values', () => {
    expect(brokers.length).toBe(4);
    for (const [name, { environment = {} }] of brokers) {
      const values = Object.entries(environment).map(([key, value]) => [
        key,
        interpolated(value, { POSTGRES_PASSWORD: 'secret' }),
      ]);
      expect(settingProblems(Object.fromEntries(values)), name).toEqual([]);
    }
    for (const [, { environment, networks, depends_on }] of clusterBrokers) {
      expect(environment?.DATABASE_URL).toMatch(
        /^postgres:\/\/homing:\$\{POSTGRES_PASSWORD:-\}@postgres:5432\/homing$/,
      );
      expect(networks).toContain('database');
      expect(depends_on).toHaveProperty('postgres');
    }
    const { POSTGRES_USER, POSTGRES_DB } = file.services.postgres?.environment ?? {};
    expect([POSTGRES_USER, POSTGRES_DB]).toEqual(['homing', 'homing']);
  });

  it('requires no variable, because Compose evaluates the variables of inactive profiles', () => {
    const names = new Set([...text.matchAll(/\$\{(\w+)/g)].map(([, name]) => name));
    expect([...names].toSorted()).toEqual([
      'BROKER_IMAGE',
      'HOMING_TRUSTED_PROXIES',
      'POSTGRES_PASSWORD',
      'PUBLISHED_ADDRESS',
    ]);
    expect(text).not.toMatch(/\$\{\w+:?\?/);
  });

  it('gives each broker of the cluster a volume without a name, so that no two share a data folder', () => {
    expect(clusterBrokers.map(([, { volumes }]) => volumes)).toEqual(Array(3).fill(['/var/lib/homing']));
    expect(file.services.broker?.volumes).toEqual(['data:/var/lib/homing']);
  });

  it.each(services)('runs %s with a read-only root, without capabilities, and restarts it', (_, service) => {
    expect(service).toMatchObject({
      restart: 'unless-stopped',
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      logging: { driver: 'local' },
    });
    expect(service).not.toHaveProperty('privileged');
  });

  it('gives a broker more time to stop than it needs', () => {
    for (const [, { stop_grace_period }] of brokers)
      expect(seconds(stop_grace_period) * 1000).toBeGreaterThan(2 * STOP_MAX_MS);
  });

  it('publishes one port, on the address of this machine', () => {
    const published = services.flatMap(([name, { ports }]) =>
      (ports ?? []).map((port) => [name, interpolated(port)]),
    );
    expect(published).toEqual([
      ['broker', '127.0.0.1:8080:8080'],
      ['proxy', '127.0.0.1:8080:8080'],
    ]);
  });
});
