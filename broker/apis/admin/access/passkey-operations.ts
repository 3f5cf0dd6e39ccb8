/** Registers, lists and removes the passkeys of the signed-in member, and signs in members by passkey. */

import { formatId } from '../../../../shared/ids.ts';
import type { AuditedChange } from '../../../core/members/audit.ts';
import { conflict, notFound, planLimitExceeded, rateLimited } from '../../../core/model/errors.ts';
import type { Passkey } from '../../../core/model/member.ts';
import { idInPath } from '../../../http/request-schemas.ts';
import { type AdminOperation, adminOperation, publicOperation } from '../admin-operation.ts';
import { changeAsMember } from '../caller.ts';
import { errorResponse } from '../errors.ts';
import type { PasskeyOptions } from '../options.ts';
import {
  assertionBody,
  type PasskeyBody,
  type PasskeyList,
  passkeyBody,
  passkeyList,
  passkeyOptions,
  passkey as passkeySchema,
} from './passkey-schemas.ts';
import { session } from './session-schemas.ts';
import { signInMember } from './sign-in-session.ts';
import {
  assertionOptions,
  registrationOptions,
  unknownPasskey,
  verifyAssertion,
  verifyRegistration,
} from './verify-passkeys.ts';

const PASSKEYS_MAX = 20;
/** From one address. */
const CHALLENGES_PER_MINUTE = 60;

export function passkeyOperations(options: PasskeyOptions): AdminOperation[] {
  const { store, context, ownOrigin, addressOf, throttle, challenges, challengeLimit } = options;
  const listOf = async (memberId: string) => {
    const passkeys = await store.read.passkeys.list(memberId);
    if (passkeys.length < PASSKEYS_MAX) return passkeys;
    throw planLimitExceeded(`You have ${PASSKEYS_MAX} passkeys, the maximum. Remove one first.`);
  };
  return [
    adminOperation({
      id: 'listPasskeys',
      method: 'GET',
      path: '/dashboard/api/passkeys',
      summary: 'List the passkeys of the signed-in member',
      permission: 'viewer',
      responses: { 200: { description: 'The passkeys.', schema: passkeyList } },
      async handle({ caller }) {
        const passkeys = await store.read.passkeys.list(caller.member.id);
        const body: PasskeyList = { passkeys: passkeys.map(serializePasskey) };
        return { status: 200, body };
      },
    }),
    adminOperation({
      id: 'createPasskeyOptions',
      method: 'POST',
      path: '/dashboard/api/passkeys/options',
      summary: 'Create the options with which a browser creates a passkey',
      permission: 'viewer',
      responses: {
        200: { description: 'The options.', schema: passkeyOptions },
        400: errorResponse,
        402: errorResponse,
      },
      async handle({ caller: { member }, request }) {
        const existing = await listOf(member.id);
        const origin = ownOrigin.of(request);
        return { status: 200, body: await registrationOptions(challenges, origin, member, existing) };
      },
    }),
    adminOperation({
      id: 'addPasskey',
      method: 'POST',
      path: '/dashboard/api/passkeys',
      summary: 'Add a passkey that the browser created',
      permission: 'viewer',
      body: passkeyBody,
      responses: {
        201: { description: 'The passkey.', schema: passkeySchema },
        400: errorResponse,
        402: errorResponse,
        409: errorResponse,
      },
      changes: ['passkeys'],
      async handle({ caller, body: { name, response }, request }) {
        const { member } = caller;
        await listOf(member.id);
        const origin = ownOrigin.of(request);
        const passkey: Passkey = {
          ...(await verifyRegistration(challenges, origin, member.id, response)),
          ...{ id: context.ids(), memberId: member.id, name, createdAt: context.now(), lastUsedAt: null },
        };
        const change: AuditedChange = {
          action: 'passkey.added',
          target: formatId('pky', passkey.id),
          detail: { name },
        };
        await changeAsMember(store, caller, change, context, async (tx) => {
          if ((await tx.passkeys.findByCredential(passkey.credentialId)) !== undefined) {
            throw conflict('This passkey is registered already.');
          }
          await tx.passkeys.insert(passkey);
        });
        return { status: 201, body: serializePasskey(passkey) };
      },
    }),
    adminOperation({
      id: 'removePasskey',
      method: 'DELETE',
      path: '/dashboard/api/passkeys/:id',
      summary: 'Remove a passkey of the signed-in member',
      permission: 'viewer',
      responses: { 204: { description: 'Removed.' }, 404: errorResponse },
      changes: ['passkeys'],
      async handle({ caller, params }) {
        const id = idInPath('pky', params.id, 'Passkey');
        const change: AuditedChange = { action: 'passkey.removed', target: formatId('pky', id) };
        await changeAsMember(store, caller, change, context, async (tx) => {
          if (!(await tx.passkeys.remove(caller.member.id, id))) throw notFound('Passkey');
        });
        return { status: 204 };
      },
    }),
    publicOperation({
      id: 'createSignInPasskeyOptions',
      method: 'POST',
      path: '/dashboard/api/sign-in/passkey/options',
      summary: 'Create the options with which a browser asks for a passkey',
      responses: {
        200: { description: 'The options.', schema: passkeyOptions },
        400: errorResponse,
        429: errorResponse,
      },
      async handle({ request }) {
        const taken = await challengeLimit.take(addressOf(request), CHALLENGES_PER_MINUTE);
        if (!taken.isAllowed) {
          throw rateLimited(
            `Too many requests. Try again in ${taken.retryAfterSeconds} s.`,
            taken.retryAfterSeconds,
          );
        }
        return { status: 200, body: await assertionOptions(challenges, ownOrigin.of(request)) };
      },
    }),
    publicOperation({
      id: 'signInWithPasskey',
      method: 'POST',
      path: '/dashboard/api/sign-in/passkey',
      summary: 'Sign in with a passkey',
      body: assertionBody,
      responses: {
        200: { description: 'The session.', schema: session },
        400: errorResponse,
        401: errorResponse,
        429: errorResponse,
      },
      async handle({ body: { response }, request }) {
        return throttle.guard(request, undefined, async () => {
          const passkey = await store.read.passkeys.findByCredential(response.id);
          if (passkey === undefined) throw unknownPasskey();
          const counter = await verifyAssertion(challenges, ownOrigin.of(request), passkey, response);
          return signInMember(options, request, 'passkey', async (tx) => {
            // The passkey may have been removed meanwhile.
            const current = await tx.passkeys.findByCredential(response.id);
            const member = current && (await tx.members.findById(current.memberId));
            if (current === undefined || member === undefined) throw unknownPasskey();
            await tx.passkeys.setUsed(current.id, counter, context.now());
            return member;
          });
        });
      },
    }),
  ];
}

function serializePasskey({ id, name, createdAt, lastUsedAt }: Passkey): PasskeyBody {
  return { id: formatId('pky', id), name, createdAt, lastUsedAt };
}
