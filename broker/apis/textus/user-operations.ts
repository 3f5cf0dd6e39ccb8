/** Lists, returns and updates the users of the account. */

import { type Caller, changeAs } from '../../core/accounts/caller.ts';
import { findUser, updateUser } from '../../core/accounts/users.ts';
import type { Tenant } from '../../core/model/tenant.ts';
import { firstUser, firstUserId, type User } from '../../core/model/user.ts';
import type { Queries } from '../../core/ports/store.ts';
import { type Operation, operation } from '../../http/operation.ts';
import { changeCustomFields } from './contact-fields.ts';
import { errorResponse, validationErrorResponse } from './errors.ts';
import { hydraResponse } from './hydra.ts';
import { pathId } from './iris.ts';
import type { TextusOptions } from './options.ts';
import { pageOfAll, pageQuery, pageResponse } from './pagination.ts';
import { userChange } from './request-schemas.ts';
import * as schemas from './response-schemas.ts';
import { serializeUser } from './serializers.ts';

const ID = '01m7ypkdxffkmb6tyeck3vccad';

export function userOperations(options: TextusOptions): Operation<Caller>[] {
  const { store, context } = options;
  const response = { description: 'The user.', schema: schemas.user };
  return [
    operation({
      id: 'listUsers',
      method: 'GET',
      path: '/:account/users',
      summary: 'List the users of the account',
      permission: 'messages:read',
      query: pageQuery,
      responses: {
        200: { description: 'A page of users.', schema: schemas.collectionOf(schemas.user) },
        404: errorResponse,
        422: validationErrorResponse,
      },
      example: { params: { account: 'default' } },
      async handle(request) {
        const users = await usersOf(store.read, request.caller.credential.tenant, context.now());
        return pageResponse(request, {
          items: pageOfAll(users, request.query),
          totalItems: users.length,
          idOf: ({ id }) => id,
          serialize: (page) => page.map(serializeUser),
        });
      },
    }),
    operation({
      id: 'getUser',
      method: 'GET',
      path: '/users/:id',
      summary: 'Get a user',
      permission: 'messages:read',
      responses: { 200: response, 404: errorResponse },
      example: { params: { id: ID } },
      async handle({ caller, params }) {
        const { tenant } = caller.credential;
        const user = await findUser(store.read, tenant, pathId(params, 'User'), context.now());
        return hydraResponse(200, serializeUser(user));
      },
    }),
    operation({
      id: 'updateUser',
      method: 'PATCH',
      path: '/users/:id',
      summary: 'Update a user; null deletes a custom field',
      permission: 'messages:send',
      body: userChange,
      responses: { 200: response, 404: errorResponse, 422: validationErrorResponse },
      example: {
        params: { id: ID },
        body: { custom: { scheduling_link: 'https://calendly.com/ada' } },
      },
      async handle({ caller, params, body }) {
        const { tenant } = caller.credential;
        const id = pathId(params, 'User');
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

/** Includes the first user, which is stored only after its first change. */
async function usersOf(tx: Queries, tenant: Tenant, now: number): Promise<User[]> {
  const stored = await tx.users.list(tenant.id);
  return stored.some(({ id }) => id === firstUserId(tenant)) ? stored : [firstUser(tenant, now), ...stored];
}
