/** Finds connected devices that can carry out a request or a signal: first at this broker, then at the others. */
import type { Capability } from '../../shared/capabilities.ts';
import type { BrokerFrame } from '../../shared/protocol.ts';
import type { Cluster } from '../core/ports/cluster.ts';
import type { Store } from '../core/ports/store.ts';
import type { RemoteDevice, RemoteRequests } from './remote-requests.ts';
import type { OpenSession, SessionRegistry } from './session-registry.ts';

export type SignalFields = Omit<Extract<BrokerFrame, { type: 'signal' }>, 'type'>;

export interface ReachableDevice {
  /** Returns the response, or undefined after the timeout or a disconnect. */
  request(op: string, fields: Record<string, unknown>, timeoutMs: number): Promise<object | undefined>;
  /** Returns whether the signal was written to the connection of the device. */
  signal(fields: SignalFields): Promise<boolean>;
}

export interface ReachableDevicesOptions {
  store: Store;
  cluster: Cluster;
  sessions: SessionRegistry;
  remote: RemoteRequests;
}

export class ReachableDevices {
  readonly #options: ReachableDevicesOptions;

  constructor(options: ReachableDevicesOptions) {
    this.#options = options;
  }

  /** Finds a device with the capability for the first of the numbers that has one. */
  async findCapable(
    tenantId: number,
    numberIds: readonly string[],
    capability: Capability,
  ): Promise<ReachableDevice | undefined> {
    for (const numberId of numberIds) {
      const session = this.#options.sessions.findCapable(numberId, capability);
      if (session !== undefined) return deviceHere(session);
    }
    return this.#findElsewhere(tenantId, capability, (ids) => ids.some((id) => numberIds.includes(id)));
  }

  /** Finds a Mac of the account that signs shortcuts. */
  async findSigningMac(tenantId: number): Promise<ReachableDevice | undefined> {
    const session = this.#options.sessions.findSigningMac(tenantId);
    return session === undefined
      ? this.#findElsewhere(tenantId, 'sign_shortcut', () => true)
      : deviceHere(session);
  }

  async #findElsewhere(
    tenantId: number,
    capability: string,
    fits: (numberIds: readonly string[]) => boolean,
  ): Promise<ReachableDevice | undefined> {
    const { store, cluster, remote } = this.#options;
    if (!cluster.hasPeers()) return undefined;
    for (const { id: deviceId, numberIds, session } of await store.read.devices.ofTenant(tenantId)) {
      const { brokerId, capabilities } = session;
      if (brokerId === null || brokerId === cluster.brokerId) continue;
      if (capabilities?.includes(capability) && fits(numberIds))
        return deviceElsewhere(remote, { deviceId, brokerId });
    }
    return undefined;
  }
}

function deviceHere(session: OpenSession): ReachableDevice {
  return {
    request: (op, fields, timeoutMs) => session.request(op, fields, timeoutMs),
    async signal(fields) {
      session.send({ type: 'signal', ...fields });
      return true;
    },
  };
}

function deviceElsewhere(remote: RemoteRequests, device: RemoteDevice): ReachableDevice {
  return {
    request: (op, fields, timeoutMs) => remote.request(device, op, fields, timeoutMs),
    signal: (fields) => remote.signal(device, fields),
  };
}
