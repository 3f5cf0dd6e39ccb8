/** A device that follows a script instead of sending through Messages. */
import { DeviceClient, type DeviceClientOptions } from '../../relay-agent/device-client.ts';
import type { Journal } from './journal.ts';
import type { Script } from './script.ts';
import { ScriptedTracker } from './scripted-tracker.ts';

export type ScriptedDevice = DeviceClient<ScriptedTracker>;

export interface ScriptedDeviceOptions
  extends Omit<
    DeviceClientOptions<ScriptedTracker>,
    'createTracker' | 'capabilities' | 'onInboundAcknowledged'
  > {
  script: Script;
  /** Undefined: it keeps none, and says so. */
  journal: Journal | undefined;
}

export function scriptedDevice({ script, journal, ...options }: ScriptedDeviceOptions): ScriptedDevice {
  const capabilities = ['imessage', 'sms', 'media'];
  if (journal !== undefined) capabilities.push('journal');
  if (script.isDelivered) capabilities.push('delivery');
  if (script.isRead) capabilities.push('read');
  const { after, now } = options;
  const device: ScriptedDevice = new DeviceClient({
    ...options,
    capabilities,
    createTracker: (context) => new ScriptedTracker({ ...context, script, journal, after, now }),
    onInboundAcknowledged: (items) => device.tracker.inboundAcknowledged(items),
  });
  return device;
}
