/** Schemas of query parameters that several operations of the dashboard have. */
import { z } from 'zod';
import { type IdPrefix, parseId } from '../../../shared/ids.ts';

/** An id with its prefix, without it when parsed. */
export function idQuery(prefix: IdPrefix, name: string) {
  return z
    .string({ error: `'${name}' must be given once.` })
    .transform((shown, context) => {
      const id = parseId(prefix, shown);
      if (id !== undefined) return id;
      context.addIssue({ code: 'custom', message: `'${name}' must be an id such as ${prefix}_….` });
      return z.NEVER;
    })
    .optional();
}

/** A text; an empty one counts as missing. */
export function textQuery(name: string, maxCharacters: number) {
  return z
    .string({ error: `'${name}' must be given once.` })
    .max(maxCharacters, { error: `'${name}' must be at most ${maxCharacters} characters.` })
    .transform((text) => text.trim() || undefined)
    .optional();
}
