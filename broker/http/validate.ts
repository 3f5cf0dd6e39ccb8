/** What a request brought, held against its schema. */
import type { z } from 'zod';
import { HomingError, type RequestIssue } from '../core/model/errors.ts';

/** @throws HomingError with everything that is wrong; its message is what is wrong first. */
export function validate<T>(schema: z.ZodType<T>, value: unknown, where: 'query' | 'body'): T {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  const issues = result.error.issues.map(
    (issue): RequestIssue => ({
      in: where,
      path: issue.path as (string | number)[],
      message: issue.message,
      kind: issue.code,
      isMissing: issue.input === undefined,
    }),
  );
  const first = issues[0]!;
  const param = first.path.length === 0 ? undefined : first.path.join('.');
  throw new HomingError('invalid_request', first.message, {
    issues,
    ...(param === undefined ? {} : { param }),
  });
}
