/**
 * Simulates the automations in the file of a shortcut on iOS 27: selects the triggers that an event fires. They arrive
 * switched off. The simulator shares no code with the builder; an unknown trigger is an error of the test.
 */
import { parseBinary } from 'plist';
import type { Message } from './content.ts';
import type { Plist } from './parameters.ts';
import { type RunOptions, type RunResult, runShortcut } from './run-shortcut.ts';

export type PhoneEvent =
  | { kind: 'message'; message: Message }
  | { kind: 'notification'; app: string }
  | { kind: 'charger'; isConnected: boolean };

export interface InstalledShortcut {
  bytes: Uint8Array;
  options: RunOptions;
  /** Whether the owner has switched the automations on. */
  isOn: boolean;
}

/** Runs the shortcut once for each trigger that the event fires, in parallel, as iOS does. */
export async function fireAutomations(
  { bytes, options, isOn }: InstalledShortcut,
  event: PhoneEvent,
): Promise<RunResult[]> {
  const { WFWorkflowTriggers: triggers = [] }: Plist = parseBinary(bytes);
  const fired = triggers.filter((trigger: Plist) => isOn && isFired(trigger, event));
  const input = event.kind === 'message' ? { input: event.message } : {};
  return Promise.all(fired.map(() => runShortcut(bytes, { ...options, ...input })));
}

function isFired(trigger: Plist, event: PhoneEvent): boolean {
  const parameters = trigger.WFTriggerSerializedParameters;
  switch (trigger.WFTriggerIdentifier) {
    case 'WFMessageTrigger': {
      const [template, ...others] = parameters.WFMessageConditions.Value.WFActionParameterFilterTemplates;
      if (others.length > 0 || template.Property !== 'Message') throw new Error('Unknown condition.');
      return event.kind === 'message' && event.message.text.includes(template.Values.Text);
    }
    case 'WFNotificationTrigger':
      return (
        event.kind === 'notification' &&
        parameters.SelectedApps.some(({ BundleIdentifier }: Plist) => BundleIdentifier === event.app)
      );
    case 'WFPlugInTrigger': {
      const wanted = parameters.WFConnectionType;
      const type = event.kind === 'charger' && (event.isConnected ? 'connect' : 'disconnect');
      return event.kind === 'charger' && (wanted === 'both' || wanted === type);
    }
    default:
      throw new Error(`The simulator does not know the trigger ${trigger.WFTriggerIdentifier}.`);
  }
}
