/** The people of the account. */

import { type Caller, changeAs } from '../../core/accounts/caller.ts';
import { findUser, updateUser } from '../../core/accounts/users.ts';
import type { Tenant } from '../../core/model/tenant.ts';
import { firstUser, firstUserId, type User } from '../../core/model/user.ts';
import type { Queries } from '../../core/ports/store.ts';
import { type Operation, operation } from '../../http/operation.ts';
import { changeCustomFields } from './custom-fields.ts';
import { userChange } from './field-schemas.ts';
import { hydraResponse } from './hydra.ts';
import { idIn } from './names.ts';
import { errorResponse, invalid, type TextusContext } from './options.ts';
import { pageOfAll, pageQuery, pageResponse } from './pagination.ts';
import * as schemas from './response-schemas.ts';
import { serializeUser } from './serializers.ts';

const ID = '01m7ypkdxffkmb6tyeck3vccad';

export function userOperations(options: TextusContext): Operation<Caller>[] {
  const { store, context } = options;
  const shown = { description: 'The user.', schema: schemas.user };
  return [
    operation({
      id: 'listUsers',
      method: 'GET',
      path: '/:account/users',
      summary: 'List the people of the account',
      permission: 'messages:read',
      query: pageQuery,
      responses: {
        200: { description: 'One page.', schema: schemas.collectionOf(schemas.user) },
        404: errorResponse,
        422: invalid,
      },
      example: { params: { account: 'default' } },
      async handle(call) {
        const users = await usersOf(store.read, call.caller.credential.tenant, context.now());
        return pageResponse(call, {
          items: pageOfAll(users, call.query),
          totalItems: users.length,
          idOf: ({ id }) => id,
          show: (some) => some.map(serializeUser),
        });
      },
    }),
    operation({
      id: 'getUser',
      method: 'GET',
      path: '/users/:id',
      summary: 'Get a user',
      permission: 'messages:read',
      responses: { 200: shown, 404: errorResponse },
      example: { params: { id: ID } },
      async handle({ caller, params }) {
        const { tenant } = caller.credential;
        const user = await findUser(store.read, tenant, idIn(params, 'User'), context.now());
        return hydraResponse(200, serializeUser(user));
      },
    }),
    operation({
      id: 'updateUser',
      method: 'PATCH',
      path: '/users/:id',
      summary: 'Change a user; a custom field that is set to null goes away',
      permission: 'messages:send',
      body: userChange,
      responses: { 200: shown, 404: errorResponse, 422: invalid },
      example: {
        params: { id: ID },
        body: { custom: { scheduling_link: 'https://calendly.com/ada' } },
      },
      async handle({ caller, params, body }) {
        const { tenant } = caller.credential;
        const id = idIn(params, 'User');
        const user = await changeAs(options.store, caller, async (tx) => {
          const before = await findUser(tx, tenant, id, context.now());
          const change = {
            name: body.name ?? before.name,
            email: body.email === undefined ? before.email : body.email,
            customFields: changeCustomFields(before.customFields, body.custom),
          };
          return updateUser(tx, tenant, id, change, context.now());
        });
        return hydraResponse(200, serializeUser(user));
      },
    }),
  ];
}

/** The first user is among them before it was ever written down. */
async function usersOf(tx: Queries, tenant: Tenant, now: number): Promise<User[]> {
  const written = await tx.users.list(tenant.id);
  return written.some(({ id }) => id === firstUserId(tenant))
    ? written
    : [firstUser(tenant, now), ...written];
}
