/** Describes the messages and actions that the scripted device carries out, and builds their reports. */
import { createHash } from 'node:crypto';
import type { ActItem, DeliverItem, InboundItem, ReportItem, ReportState } from '../../shared/protocol.ts';
import { type Script, statesAfterSending } from './script.ts';

export type ScriptedItem = DeliverItem | ActItem;

const isAction = (item: ScriptedItem): item is ActItem => 'action' in item;

/** Returns the id of the message or action. The prefixes of the ids differ. */
export function idOf(item: ScriptedItem): string {
  return isAction(item) ? item.action : item.message;
}

export function idOfReport({ message, action }: ReportItem): string {
  return message ?? action;
}

/** An action is reported only as sent or failed. */
export function firstStates(item: ScriptedItem): ReportState[] {
  return isAction(item) ? [] : ['sending'];
}

/** Returns the reports that complete the item, in order. */
export function lastStates(item: ScriptedItem, script: Script): ReportState[] {
  const states = statesAfterSending(script);
  return isAction(item) ? states.slice(0, 1) : states;
}

export function reportOf(
  item: ScriptedItem,
  state: ReportState,
  at: string,
  error: ReportItem['error'],
): ReportItem {
  const isSent = state === 'sent' || state === 'delivered' || state === 'read';
  const fields = {
    ...{ lease: item.lease, state, at },
    ...(isSent ? sentFields(item) : {}),
    ...(error === undefined ? {} : { error }),
  };
  return isAction(item) ? { action: item.action, ...fields } : { message: item.message, ...fields };
}

function sentFields(item: ScriptedItem): Pick<ReportItem, 'service' | 'guid' | 'chat'> {
  const guid = `device-${idOf(item)}`;
  if (isAction(item)) return { guid };
  const chat = item.to === undefined ? chatOf(item) : undefined;
  const service = item.service === 'sms' ? 'SMS' : 'iMessage';
  return { service, guid, ...(chat === undefined ? {} : { chat }) };
}

/** Returns the guid of the group: the same for the same participants. */
function chatOf({ chat, participants }: DeliverItem): string | undefined {
  if (chat !== undefined || participants === undefined) return chat;
  const members = participants.toSorted().join('\n');
  return `iMessage;+;device${createHash('sha256').update(members).digest('hex').slice(0, 16)}`;
}

/** Returns the reply of the recipient; undefined if the item is no message or has no known recipient. */
export function echoOf(item: ScriptedItem, at: string): InboundItem | undefined {
  if (isAction(item)) return undefined;
  const { message, to, participants, from, text, service } = item;
  const sender = to ?? participants?.[0];
  if (sender === undefined) return undefined;
  const chat = to === undefined ? chatOf(item) : undefined;
  return {
    guid: `echo-${message}`,
    from: sender,
    to: from,
    service: service === 'sms' ? 'SMS' : 'iMessage',
    text: `echo: ${text}`,
    media: [],
    ...(chat === undefined ? {} : { chat, participants }),
    sent_at: at,
    from_me: false,
  };
}
