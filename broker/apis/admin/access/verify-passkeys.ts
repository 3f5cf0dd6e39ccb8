/**
 * Creates the options for authenticators and verifies their responses. The package that does this is loaded at the first
 * use, because few requests need it.
 */
import type { z } from 'zod';
import { invalidRequest, unauthorized } from '../../../core/model/errors.ts';
import type { Member, Passkey } from '../../../core/model/member.ts';
import type { PasskeyChallenges } from './passkey-challenges.ts';
import type { assertion, registration } from './passkey-schemas.ts';

const NAME = 'Homing';

const loaded = () => import('@simplewebauthn/server');

/** Returns the name to which passkeys belong. @throws HomingError at an IP address, where browsers offer no passkeys */
function relyingParty(origin: string): string {
  const { hostname, protocol, port } = new URL(origin);
  if (/^[\d.]+$|^\[/.test(hostname)) {
    const local = `${protocol}//localhost${port === '' ? '' : `:${port}`}`;
    throw invalidRequest(
      `Passkeys need a host name. Open the dashboard at its public URL or at ${local}, not at ${origin}.`,
    );
  }
  return hostname;
}

export async function registrationOptions(
  challenges: PasskeyChallenges,
  origin: string,
  { id, email, name }: Member,
  existing: readonly Passkey[],
) {
  const rpID = relyingParty(origin);
  const { generateRegistrationOptions } = await loaded();
  const options = await generateRegistrationOptions({
    ...{ rpName: NAME, rpID, userName: email, userDisplayName: name },
    userID: new TextEncoder().encode(id),
    excludeCredentials: existing.map(({ credentialId, transports }) => ({
      ...{ id: credentialId, transports: [...transports] },
    })),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  });
  await challenges.add(options.challenge, id);
  return options;
}

type NewPasskey = Pick<Passkey, 'credentialId' | 'publicKey' | 'counter' | 'transports'>;

/** @throws HomingError if the response is not valid */
export async function verifyRegistration(
  challenges: PasskeyChallenges,
  origin: string,
  memberId: string,
  response: z.infer<typeof registration>,
): Promise<NewPasskey> {
  const { verifyRegistrationResponse } = await loaded();
  const verified = await verifyRegistrationResponse({
    response,
    expectedChallenge: (challenge) => challenges.take(challenge, memberId),
    ...{ expectedOrigin: origin, expectedRPID: relyingParty(origin), requireUserVerification: true },
  }).catch(() => undefined);
  const credential = verified?.registrationInfo?.credential;
  if (verified?.verified !== true || credential === undefined) {
    throw invalidRequest('The passkey is not valid, or the registration took longer than five minutes.');
  }
  const { id: credentialId, publicKey, counter } = credential;
  return { credentialId, publicKey, counter, transports: response.response.transports };
}

export async function assertionOptions(challenges: PasskeyChallenges, origin: string) {
  const rpID = relyingParty(origin);
  const { generateAuthenticationOptions } = await loaded();
  const options = await generateAuthenticationOptions({ rpID, userVerification: 'required' });
  await challenges.add(options.challenge, null);
  return options;
}

/** Returns the new counter of the passkey. @throws HomingError if the response is not valid */
export async function verifyAssertion(
  challenges: PasskeyChallenges,
  origin: string,
  { credentialId, publicKey, counter, transports }: Passkey,
  response: z.infer<typeof assertion>,
): Promise<number> {
  const { verifyAuthenticationResponse } = await loaded();
  const verified = await verifyAuthenticationResponse({
    response,
    expectedChallenge: (challenge) => challenges.take(challenge, null),
    ...{ expectedOrigin: origin, expectedRPID: relyingParty(origin), requireUserVerification: true },
    credential: {
      ...{ id: credentialId, counter, transports: [...transports] },
      publicKey: new Uint8Array(publicKey),
    },
  }).catch(() => undefined);
  if (verified?.verified !== true) throw unknownPasskey();
  return verified.authenticationInfo.newCounter;
}

export const unknownPasskey = () =>
  unauthorized('The passkey is unknown or not valid, or the sign-in took longer than five minutes.');
