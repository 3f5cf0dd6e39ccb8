/**
 * Limits the stored bytes of the uploads of each device and each tenant. The stored bytes are read from the database at
 * most once a minute; running and completed uploads of this process are added in memory. With several brokers, a limit can
 * be exceeded by what the other brokers have received in the last minute.
 */
import { HomingError } from '../core/model/errors.ts';
import type { Store } from '../core/ports/store.ts';

export interface QuotaLimits {
  /** Bytes; 0: no limit. */
  perDevice: number;
  perTenant: number;
}

export interface QuotaOptions {
  store: Store;
  limits: QuotaLimits;
  /** Monotonic clock, in milliseconds. */
  now?: () => number;
}

export interface Uploader {
  id: string;
  tenantId: number;
  /** Default: a device. For the others, only the limit of the account applies. */
  kind?: 'member' | 'api_key';
}

/** The space of one running upload. */
export interface Reservation {
  /** Records the size so far. @throws HomingError payload_too_large */
  resize(size: number): void;
  /** `isStored`: the size counts from now on. */
  end(isStored: boolean): void;
}

interface Usage {
  readAt: number;
  stored: Map<string, number>;
  running: Map<Reservation, { deviceId: string; size: number }>;
}

const FRESH_MS = 60_000;
const TENANTS_MAX = 10_000;
const MEGABYTE = 1024 * 1024;

export class StorageQuota {
  readonly #store: Store;
  readonly #limits: QuotaLimits;
  readonly #now: () => number;
  readonly #usages = new Map<number, Usage>();

  constructor({ store, limits, now = () => performance.now() }: QuotaOptions) {
    this.#store = store;
    this.#limits = limits;
    this.#now = now;
  }

  async reserve(device: Uploader): Promise<Reservation> {
    const usage = await this.#usageOf(device.tenantId);
    const upload = { deviceId: device.id, size: 0 };
    const reservation: Reservation = {
      resize: (size) => {
        upload.size = size;
        this.#check(usage, device);
      },
      end: (isStored) => {
        usage.running.delete(reservation);
        if (isStored) usage.stored.set(device.id, (usage.stored.get(device.id) ?? 0) + upload.size);
      },
    };
    usage.running.set(reservation, upload);
    return reservation;
  }

  /** Returns the stored bytes of the tenant, at most a minute old. */
  async storedBytes(tenantId: number): Promise<number> {
    return sum([...(await this.#usageOf(tenantId)).stored.values()]);
  }

  async #usageOf(tenantId: number): Promise<Usage> {
    const known = this.#usages.get(tenantId);
    if (known !== undefined && this.#now() - known.readAt < FRESH_MS) return known;
    const stored = await this.#store.read.media.storedBytes(tenantId);
    const usage = this.#usages.get(tenantId) ?? { readAt: 0, stored, running: new Map() };
    usage.readAt = this.#now();
    usage.stored = stored;
    if (this.#usages.size >= TENANTS_MAX) this.#usages.clear();
    this.#usages.set(tenantId, usage);
    return usage;
  }

  #check({ stored, running }: Usage, { id: deviceId, kind }: Uploader): void {
    const { perDevice, perTenant } = this.#limits;
    const uploads = [...running.values()];
    const own = uploads.filter((upload) => upload.deviceId === deviceId);
    if (kind === undefined && perDevice > 0 && (stored.get(deviceId) ?? 0) + sizeOf(own) > perDevice) {
      throw full('this device', perDevice, 'HOMING_MEDIA_QUOTA_DEVICE_MB');
    }
    if (perTenant > 0 && sum([...stored.values()]) + sizeOf(uploads) > perTenant) {
      throw full('the account', perTenant, 'HOMING_MEDIA_QUOTA_ACCOUNT_MB');
    }
  }
}

const sum = (sizes: readonly number[]) => sizes.reduce((total, size) => total + size, 0);
const sizeOf = (uploads: ReadonlyArray<{ size: number }>) => sum(uploads.map(({ size }) => size));

const full = (whose: string, limit: number, setting: string) =>
  new HomingError(
    'payload_too_large',
    `The stored attachments of ${whose} have reached the limit of ${Math.floor(limit / MEGABYTE)} MB. ` +
      `Delete old messages, or raise ${setting}.`,
  );
