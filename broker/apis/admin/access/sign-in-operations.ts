/** Signs in members by password and by a one-time link. */
import { findOpenLink, normalizeEmail, redeemLink } from '../../../core/members/sign-in-links.ts';
import { notFound, unauthorized } from '../../../core/model/errors.ts';
import { type AdminOperation, publicOperation } from '../admin-operation.ts';
import { errorResponse } from '../errors.ts';
import type { SignInOptions } from '../options.ts';
import { session } from './session-schemas.ts';
import { type LinkInfo, linkBody, linkInfo, signInBody, useLinkBody } from './sign-in-schemas.ts';
import { signInMember } from './sign-in-session.ts';

export function signInOperations(options: SignInOptions): AdminOperation[] {
  const { store, context, passwords, throttle } = options;
  return [
    publicOperation({
      id: 'signIn',
      method: 'POST',
      path: '/dashboard/api/sign-in',
      summary: 'Sign in with a password',
      body: signInBody,
      responses: {
        200: { description: 'The session.', schema: session },
        400: errorResponse,
        401: errorResponse,
        429: errorResponse,
      },
      async handle({ body, request }) {
        const email = normalizeEmail(body.email);
        return throttle.guard(request, email, async () => {
          const found = await store.read.members.findByEmail(email);
          const isRight = await passwords.verify(body.password, found?.passwordHash);
          if (!isRight || found === undefined) throw wrongPassword();
          return signInMember(options, request, 'password', async (tx) => {
            // The password may have changed while the hash was computed.
            const current = await tx.members.findByEmail(email);
            if (current?.passwordHash !== found.passwordHash) throw wrongPassword();
            return current.member;
          });
        });
      },
    }),
    publicOperation({
      id: 'inspectSignInLink',
      method: 'POST',
      path: '/dashboard/api/sign-in/link/inspect',
      summary: 'Get the account and the role of a sign-in link, without using it',
      body: linkBody,
      responses: {
        200: { description: 'The link.', schema: linkInfo },
        404: errorResponse,
        410: errorResponse,
        429: errorResponse,
      },
      async handle({ body: { token }, request }) {
        const { link, member } = await throttle.guard(request, undefined, () =>
          findOpenLink(store.read, token, context),
        );
        const tenant = await store.read.accounts.tenant(link.accountId, 'live');
        if (tenant === undefined) throw notFound('Account');
        const body: LinkInfo = {
          account: tenant.accountSlug,
          role: link.role,
          expiresAt: link.expiresAt,
          name: member?.name ?? null,
          email: member?.email ?? null,
          hasPassword: member !== undefined,
        };
        return { status: 200, body };
      },
    }),
    publicOperation({
      id: 'useSignInLink',
      method: 'POST',
      path: '/dashboard/api/sign-in/link',
      summary: 'Sign in with a link; a new member sets a name, an e-mail address and a password',
      body: useLinkBody,
      responses: {
        200: { description: 'The session.', schema: session },
        400: errorResponse,
        404: errorResponse,
        409: errorResponse,
        410: errorResponse,
        429: errorResponse,
      },
      async handle({ body: { token, name, email, password }, request }) {
        return throttle.guard(request, undefined, async () => {
          // Before the hash, which takes long.
          await findOpenLink(store.read, token, context);
          const passwordHash = password === undefined ? undefined : await passwords.hash(password);
          return signInMember(options, request, 'link', (tx) =>
            redeemLink(tx, token, { name, email, passwordHash }, context),
          );
        });
      },
    }),
  ];
}

const wrongPassword = () => unauthorized('The e-mail address or the password is wrong.');
