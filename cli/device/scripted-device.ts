/** A device that follows a script instead of sending through Messages. */
import { DeviceClient, type DeviceClientOptions } from '../../relay-agent/device-client.ts';
import type { Journal } from './journal.ts';
import type { Script } from './script.ts';
import { ScriptedBook } from './scripted-book.ts';

export type ScriptedDevice = DeviceClient<ScriptedBook>;

export interface ScriptedDeviceOptions
  extends Omit<DeviceClientOptions<ScriptedBook>, 'openBook' | 'capabilities' | 'onTextsAcknowledged'> {
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
    openBook: (context) => new ScriptedBook({ ...context, script, journal, after, now }),
    onTextsAcknowledged: (items) => device.book.textsAcknowledged(items),
  });
  return device;
}
