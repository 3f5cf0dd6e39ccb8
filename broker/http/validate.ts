/** Validates the parts of a request against their schemas. */
import type { z } from 'zod';
import { HomingError, type RequestIssue } from '../core/model/errors.ts';

/** @throws HomingError with every issue; its message is the first issue. */
export function validate<T>(schema: z.ZodType<T>, value: unknown, where: 'query' | 'body'): T {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  const issues = result.error.issues.map(
    (issue): RequestIssue => ({
      in: where,
      path: issue.path as (string | number)[],
      message: issue.message,
      kind: issue.code,
      ...('origin' in issue ? { origin: issue.origin } : {}),
      isMissing: valueAt(value, issue.path) === undefined,
    }),
  );
  const first = issues[0];
  const param = first === undefined || first.path.length === 0 ? undefined : first.path.join('.');
  throw new HomingError('invalid_request', first?.message ?? 'The request is not valid.', {
    issues,
    ...(param === undefined ? {} : { param }),
  });
}

/** The issue itself has no input if a check of several fields added it. */
function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined),
    value,
  );
}
