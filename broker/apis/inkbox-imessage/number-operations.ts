/** Lists the account's numbers, and responds to the operations of Inkbox that assign numbers. */
import { z } from 'zod';
import { formatUuid } from '../../../shared/ids.ts';
import type { Caller } from '../../core/accounts/caller.ts';
import { notFound } from '../../core/model/errors.ts';
import type { OwnNumber } from '../../core/model/number.ts';
import { type Operation, operation } from '../../http/operation.ts';
import { errorResponse } from '../inkbox/errors.ts';
import { numbersOf } from '../inkbox/number-access.ts';
import type { InkboxImessageOptions } from './options.ts';

const TYPE = 'dedicated_outbound';
/** The error by which clients recognise that the account gets no further number. */
const QUOTA_ERROR = 'dedicated_imessage_number_quota_exceeded';

const numberSchema = z
  .object({
    id: z.uuid().describe('Id of the number.'),
    number: z.string().describe('Phone number in E.164 format.'),
    type: z.literal(TYPE).describe(`Always \`${TYPE}\`.`),
    status: z
      .enum(['active', 'paused'])
      .describe('`paused`: the number sends nothing, or no device is paired.'),
    agent_identity_id: z.null().describe('Always null.'),
    agent_handle: z.null().describe('Always null.'),
  })
  .meta({ title: 'Number' });

const limitReached = z.object({
  detail: z.object({
    error: z.literal(QUOTA_ERROR).describe(`Always \`${QUOTA_ERROR}\`.`),
    message: z.string().describe('The problem as a sentence.'),
    number_type: z.literal(TYPE).describe(`Always \`${TYPE}\`.`),
    limit: z.int().describe('Number of numbers of the account.'),
    current: z.int().describe('Number of numbers of the account.'),
  }),
});

export function numberOperations(options: InkboxImessageOptions): Operation<Caller>[] {
  return [
    operation({
      id: 'listNumbers',
      method: 'GET',
      path: '/numbers',
      summary: 'List your numbers',
      permission: 'messages:read',
      responses: {
        200: { description: 'All numbers of the account.', schema: numberSchema.array() },
        401: errorResponse,
      },
      async handle({ caller }) {
        return { status: 200, body: (await numbersOf(options, caller)).map(serializeNumber) };
      },
    }),
    operation({
      id: 'claimNumber',
      method: 'POST',
      path: '/numbers',
      summary: 'Claim a number (numbers are paired instead)',
      permission: 'messages:read',
      isUnavailable: true,
      responses: {
        401: errorResponse,
        402: { description: 'Pair the iPhone or Mac that has the number.', schema: limitReached },
      },
      async handle({ caller }) {
        const current = (await numbersOf(options, caller)).length;
        const message = 'Numbers are paired, not claimed. Pair the iPhone or Mac that has the number.';
        const detail = { error: QUOTA_ERROR, message, number_type: TYPE };
        return { status: 402, body: { detail: { ...detail, limit: current, current } } };
      },
    }),
    operation({
      id: 'listAssignments',
      method: 'GET',
      path: '/assignments',
      summary: 'List assignments of shared numbers (always empty)',
      permission: 'messages:read',
      responses: {
        200: {
          description: 'An empty list: the account has its own numbers.',
          schema: z.array(z.object({})),
        },
        401: errorResponse,
      },
      async handle() {
        return { status: 200, body: [] };
      },
    }),
    operation({
      id: 'getTriageNumber',
      method: 'GET',
      path: '/triage-number',
      summary: 'Get the shared number for new contacts',
      permission: 'messages:read',
      isUnavailable: true,
      responses: {
        401: errorResponse,
        404: { ...errorResponse, description: 'The account has its own numbers.' },
      },
      async handle() {
        throw notFound('Triage number');
      },
    }),
  ];
}

function serializeNumber({ id, phoneNumber, status, verified }: OwnNumber) {
  return {
    id: formatUuid(id),
    number: phoneNumber,
    type: TYPE,
    status: verified ? status : 'paused',
    agent_identity_id: null,
    agent_handle: null,
  };
}
