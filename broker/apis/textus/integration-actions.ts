/** Maps TextUs actions to event types. */
import type { EventType } from '../../core/model/event.ts';

const ACTIONS = {
  'message.received': 'message.received',
  'message.delivered': 'message.delivered',
  'message.failed': 'message.failed',
  'contact.opted_out': 'opt_out.created',
  'contact.opted_in': 'opt_in.created',
} as const satisfies Record<string, EventType>;

export type Action = keyof typeof ACTIONS;

export const ACTION_NAMES = Object.keys(ACTIONS) as [Action, ...Action[]];

/** Enabled actions. By default all are enabled. */
export type ActionSwitches = Readonly<Record<Action, boolean>>;

export const ALL_ENABLED = Object.fromEntries(ACTION_NAMES.map((action) => [action, true])) as ActionSwitches;

export function eventsOf(switches: ActionSwitches): EventType[] {
  return ACTION_NAMES.filter((action) => switches[action]).map((action) => ACTIONS[action]);
}

export function switchesOf(events: readonly EventType[]): ActionSwitches {
  return Object.fromEntries(
    ACTION_NAMES.map((action) => [action, events.includes(ACTIONS[action])]),
  ) as ActionSwitches;
}

/** Returns undefined if the event type has no TextUs action. */
export function actionOf(type: EventType): Action | undefined {
  return ACTION_NAMES.find((action) => ACTIONS[action] === type);
}
