/** Schemas of the export and the erasure of the data of one recipient. */
import { z } from 'zod';
import { anObject } from '../../../http/request-schemas.ts';
import { contactHandle } from './contact-schemas.ts';

export const erasureRequest = anObject({ handle: contactHandle });

/** `handle` is the phone number, short code or e-mail address of the recipient. */
export const exportQuery = z.object({ handle: contactHandle });

const erasure = z.object({
  handle: z.string(),
  /** Number of messages that were erased so far. */
  erased: z.number(),
});

export const erasureResult = z.object({ handle: z.string(), isDone: z.boolean() });
export type ErasureResultBody = z.infer<typeof erasureResult>;

export const erasureList = z.object({
  /** The erasures that are not complete. */
  erasures: z.array(erasure),
});
export type ErasureListBody = z.infer<typeof erasureList>;
