/**
 * Builds the automations in a shortcut file, which iOS 27 imports. They arrive switched off.
 *
 * The forms come from files that Shortcuts of iOS 27 and macOS 27 exported. iOS drops a trigger that lacks a parameter,
 * without an error. A trigger for a time of day is missing: its time depends on the time zone of the phone.
 */
import type { Dictionary } from './values.ts';

export interface Trigger {
  readonly identifier: string;
  readonly parameters: Dictionary;
}

const CONDITIONS_TYPE = 'WFContentPredicateTableTemplate';

function conditions(templates: Dictionary[]): Dictionary {
  return {
    Value: {
      WFActionParameterFilterPrefix: 1,
      WFContentPredicateBoundedDate: false,
      WFActionParameterFilterTemplates: templates,
    },
    WFSerializationType: CONDITIONS_TYPE,
  };
}

/** Runs for each message that contains the text. The comparison respects upper and lower case. */
export function messageContains(text: string): Trigger {
  const template = { Operator: 1, Property: 'Message', Removable: false, Values: { Text: text } };
  return { identifier: 'WFMessageTrigger', parameters: { WFMessageConditions: conditions([template]) } };
}

/** Runs for each notification of an app. */
export function notificationOf(app: Dictionary): Trigger {
  return {
    identifier: 'WFNotificationTrigger',
    parameters: { SelectedApps: [app], Conditions: conditions([]) },
  };
}

export const chargerConnected: Trigger = {
  identifier: 'WFPlugInTrigger',
  parameters: { WFConnectionType: 'connect' },
};
