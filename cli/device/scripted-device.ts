/** Creates a device that follows a script instead of sending through Messages. */
import { DeviceClient, type DeviceClientOptions, type DeviceEnd } from '../../relay-agent/device-client.ts';
import { Outbox } from '../../relay-agent/transport/outbox.ts';
import type { Journal } from './journal.ts';
import type { Script } from './script.ts';
import { ScriptedTracker } from './scripted-tracker.ts';

export interface ScriptedDevice {
  tracker: ScriptedTracker;
  ended: Promise<DeviceEnd>;
  stop(): void;
}

export interface ScriptedDeviceOptions
  extends Omit<
    DeviceClientOptions,
    'outbox' | 'tracker' | 'capabilities' | 'onInboundAcknowledged' | 'onRequest'
  > {
  /** Capabilities beyond texts and files. */
  capabilities: readonly string[];
  script: Script;
  /** Undefined: the device has no journal, and no `journal` capability. */
  journal: Journal | undefined;
}

export function scriptedDevice({ script, journal, ...options }: ScriptedDeviceOptions): ScriptedDevice {
  const capabilities = ['imessage', 'sms', 'media', ...options.capabilities];
  if (journal !== undefined) capabilities.push('journal');
  if (script.isDelivered) capabilities.push('delivery');
  if (script.isRead) capabilities.push('read');
  const { after, now } = options;
  const outbox = new Outbox({ after });
  const tracker = new ScriptedTracker({ outbox, script, journal, after, now });
  const client = new DeviceClient({
    ...options,
    outbox,
    tracker,
    capabilities: () => capabilities,
    onInboundAcknowledged: (items) => tracker.inboundAcknowledged(items),
    onRequest: ({ op }) => (op === 'lookup' ? Promise.resolve({ service: 'imessage' }) : undefined),
  });
  return { tracker, ended: client.ended, stop: () => client.stop() };
}
