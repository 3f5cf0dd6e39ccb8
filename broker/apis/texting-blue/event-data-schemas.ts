/** Schemas of the data of events that are not about a message. */
import { z } from 'zod';
import { ACTION_KINDS } from '../../core/model/message-action.ts';

const time = z.iso.datetime();
const conversationId = z.string().describe('Id of the conversation: `conv_` and 26 letters and digits.');

export const conversationData = {
  id: conversationId,
  phone_number: z.string().nullable().describe('Your number; null: unknown.'),
  is_group: z.boolean().nullable().describe('Whether the conversation is a group; null: unknown.'),
  name: z.string().nullable().describe('Name of the group; null: no name, or not a group.'),
  participants: z.array(z.string()).describe('Handles of the other parties.'),
  message_id: z.string().nullable().describe('Id of the first message; null: none, or another event.'),
  created_at: time.nullable().describe('Time at which the conversation was created; null: unknown.'),
  updated_at: time.nullable().describe('Time of the last change; null: unknown.'),
  change: z
    .object({
      kind: z
        .enum(['created', 'named', 'joined', 'left'])
        .describe('`named`: the group has a new name; `joined`, `left`: a participant joined or left.'),
      actor: z.string().nullable().describe('Handle that made the change; null: unknown.'),
      value: z.string().nullable().describe('The name, or the handle that joined or left; null: none.'),
      at: time.describe('Time of the change.'),
    })
    .nullable()
    .describe('The change of the group; null for `conversation.created`.'),
};

export const failedActionData = {
  action: z
    .object({
      id: z.string().describe('Id of the action: `act_` and 26 letters and digits.'),
      kind: z.enum(ACTION_KINDS).nullable().describe('What the action does.'),
      value: z
        .string()
        .nullable()
        .describe('The reaction, the new text, the name or the handle; empty: none.'),
    })
    .describe('The action that failed.'),
  message_id: z.string().nullable().describe('Id of the message; null: the action was about a group.'),
  conversation_id: conversationId,
  error_code: z.string().nullable().describe('Code of the failure.'),
  error_message: z.string().nullable().describe('Reason of the failure as a sentence.'),
};

export const typingData = {
  conversation_id: conversationId,
  phone_number: z.string().describe('Your number.'),
  handle: z.string().describe('Handle of the participant that types.'),
  is_group: z.boolean().describe('Whether the conversation is a group.'),
  state: z.enum(['start', 'stop']).describe('Whether the participant started or stopped.'),
};

export const deviceData = {
  device: z
    .object({
      id: z.string().describe('Id of the device: `dev_` and 26 letters and digits.'),
      name: z.string().describe('Name of the device.'),
    })
    .describe('The device.'),
  phone_numbers: z.array(z.string()).describe('Numbers of the device.'),
  problem: z.string().nullable().describe('Code of the problem, such as `signed_out`; null: no problem.'),
  message: z.string().nullable().describe('The problem as a sentence; null: no problem.'),
};
