/**
 * Emits `device.online`, `device.offline` and `device.problem`.
 *
 * - A device that reconnects within 10 s, to any broker, causes no event. After the start or the end of a broker, it has 60 s.
 * - The database knows which devices are online for the receivers of events, and whether they are connected to any broker.
 *   A change that does not fit is no event.
 * - A problem is an event if the latest health report has it and the earlier one had not.
 * - The runs of shortcuts cause no events: a phone is offline between them.
 * - `tick` stores the events in small transactions. After a failed transaction, the next tick repeats it.
 */
import type { IdSource } from '../../shared/ids.ts';
import { MinuteLimit } from '../core/accounts/minute-limit.ts';
import { emit } from '../core/lifecycle/emit-event.ts';
import type { DeviceHealth } from '../core/model/device-health.ts';
import type { EventContext } from '../core/model/event.ts';
import { type DeviceProblem, healthProblems } from '../core/numbers/device-problems.ts';
import type { Queries, Store } from '../core/ports/store.ts';

const RECONNECT_WITHIN_MS = 10_000;
const RECONNECT_AFTER_END_MS = 60_000;
/** Interval of the check for devices whose broker did not emit their event. */
const AWAY_MS = 5_000;
const PROBLEMS_PER_MINUTE = 20;
const BATCH = 50;
/** Maximum changes in memory while the database fails. The oldest ones are dropped. */
const CHANGES_MAX = 10_000;

interface KnownDevice {
  /** Codes of the problems in the latest health report; undefined: the device was connected to another broker. */
  problems: ReadonlySet<string> | undefined;
}

interface JoiningDevice extends KnownDevice {
  /** The problems that follow `device.online`. */
  changes: Change[];
}

type Change =
  | { deviceId: string; type: 'device.online' | 'device.offline' }
  | { deviceId: string; type: 'device.problem'; problem: DeviceProblem };

export interface DeviceEventsOptions {
  store: Store;
  ids: IdSource;
  now: () => number;
  monotonicNow: () => number;
}

export class DeviceEvents {
  readonly #options: DeviceEventsOptions;
  readonly #problemLimit: MinuteLimit;
  /** Devices that are online for the receivers of events. */
  readonly #online = new Map<string, KnownDevice>();
  /** The devices among them that are not connected, with the time of their event (monotonic). */
  readonly #leaving = new Map<string, number>();
  /** Connected devices without an event yet. */
  readonly #joining = new Map<string, JoiningDevice>();
  /** In the order of the events. */
  #changes: Change[] = [];
  #awayReadAt = Number.NEGATIVE_INFINITY;

  constructor(options: DeviceEventsOptions) {
    this.#options = options;
    this.#problemLimit = new MinuteLimit(options.monotonicNow);
  }

  /** Call at the start and after the end of another broker, with the devices that are online and not connected. */
  resume(deviceIds: readonly string[]): void {
    this.#expect(deviceIds, RECONNECT_AFTER_END_MS);
  }

  /** Expects the devices that are online and not connected, whatever happened to their broker. Call about once a second. */
  async readAway(): Promise<void> {
    const now = this.#options.monotonicNow();
    if (now - this.#awayReadAt < AWAY_MS) return;
    this.#awayReadAt = now;
    this.#expect(await this.#options.store.read.deviceSessions.away(), RECONNECT_WITHIN_MS);
  }

  #expect(deviceIds: readonly string[], withinMs: number): void {
    const deadline = this.#options.monotonicNow() + withinMs;
    for (const deviceId of deviceIds) {
      if (this.#online.has(deviceId) || this.#joining.has(deviceId)) continue;
      this.#online.set(deviceId, { problems: undefined });
      this.#leaving.set(deviceId, deadline);
    }
  }

  /** `knownHealth`: the latest report of the device if it is online, from any broker. */
  connected(deviceId: string, knownHealth: DeviceHealth | null = null): void {
    this.#leaving.delete(deviceId);
    const problems = new Set(knownHealth === null ? [] : healthProblems(knownHealth).map(({ code }) => code));
    const known = this.#online.get(deviceId);
    if (known === undefined) this.#joining.set(deviceId, { problems, changes: [] });
    else known.problems ??= problems;
  }

  disconnected(deviceId: string): void {
    if (this.#joining.delete(deviceId) || !this.#online.has(deviceId)) return;
    this.#leaving.set(deviceId, this.#options.monotonicNow() + RECONNECT_WITHIN_MS);
  }

  healthReported(deviceId: string, health: DeviceHealth): void {
    const joining = this.#joining.get(deviceId);
    const known = joining ?? this.#online.get(deviceId);
    if (known === undefined) return;
    const changes = joining?.changes ?? this.#changes;
    const problems = healthProblems(health);
    for (const problem of problems) {
      if (known.problems?.has(problem.code)) continue;
      if (!this.#problemLimit.take(deviceId, PROBLEMS_PER_MINUTE).isAllowed) continue;
      changes.push({ deviceId, type: 'device.problem', problem });
    }
    known.problems = new Set(problems.map(({ code }) => code));
  }

  /** Stores the events that are due. Call several times a second. */
  async tick(): Promise<void> {
    this.#collect();
    while (this.#changes.length > 0) {
      const batch = this.#changes.slice(0, BATCH);
      const context = { now: this.#options.now(), ids: this.#options.ids };
      await this.#options.store.transaction(async (tx) => {
        for (const change of batch) await emitChange(tx, change, context);
      });
      const stored = new Set(batch);
      this.#changes = this.#changes.filter((change) => !stored.has(change));
    }
  }

  #collect(): void {
    const now = this.#options.monotonicNow();
    for (const [deviceId, { problems, changes }] of this.#joining) {
      this.#online.set(deviceId, { problems });
      this.#changes.push({ deviceId, type: 'device.online' }, ...changes);
    }
    this.#joining.clear();
    for (const [deviceId, deadline] of this.#leaving) {
      if (deadline > now) continue;
      this.#leaving.delete(deviceId);
      this.#online.delete(deviceId);
      this.#changes.push({ deviceId, type: 'device.offline' });
    }
    if (this.#changes.length > CHANGES_MAX) this.#changes = this.#changes.slice(-CHANGES_MAX);
  }
}

async function emitChange(tx: Queries, change: Change, context: EventContext): Promise<void> {
  const device = await tx.devices.find(change.deviceId);
  if (device === undefined || device.revokedAt !== null) return;
  if (change.type === 'device.online' && !(await tx.deviceSessions.setOnline(device.id))) return;
  if (change.type === 'device.offline' && !(await tx.deviceSessions.setOffline(device.id))) return;
  const numbers = await tx.numbers.ofDevice(device.id);
  const problem = change.type === 'device.problem' ? change.problem : undefined;
  const subject = {
    device: {
      id: device.id,
      name: device.name,
      numbers: numbers.map(({ phoneNumber }) => phoneNumber),
      numberIds: numbers.map(({ id }) => id),
      problem: problem?.code ?? null,
      message: problem?.message ?? null,
    },
  };
  await emit(tx, { tenantId: device.tenantId, numberId: null, type: change.type, subject }, context);
}
