/** Ids in paths: one of another form is of nothing that there is. */
import { type IdPrefix, readId } from '../../shared/ids.ts';
import { notFound } from '../core/model/errors.ts';

/** @throws HomingError */
export function idInPath(prefix: IdPrefix, shown: string | undefined, what: string): string {
  const id = readId(prefix, shown ?? '');
  if (id === undefined) throw notFound(what);
  return id;
}
