/** Schemas of the numbers of an account. */
import { z } from 'zod';
import { anObject, isSendable, isWithin, oneOf } from '../../../http/request-schemas.ts';
import { device } from './device-schemas.ts';
import { paceChange } from './pace-schemas.ts';

const LABEL_MAX_CHARACTERS = 100;

export const numberChange = anObject({
  label: z
    .string({ error: "'label' must be a string." })
    .transform((text) => text.trim())
    .refine((text) => isWithin(text, LABEL_MAX_CHARACTERS), {
      error: `'label' must be at most ${LABEL_MAX_CHARACTERS} characters.`,
    })
    .refine(isSendable, { error: "'label' has a character that cannot be stored." })
    // An empty field of a form removes the label.
    .transform((text) => (text === '' ? null : text))
    .nullish(),
  status: oneOf('status', ['active', 'paused']).optional(),
  pace: paceChange.optional(),
});

export const NUMBER_STATES = ['online', 'offline', 'unpaired', 'paused', 'provider', 'sandbox'] as const;

export const ownNumber = z.object({
  id: z.string(),
  phoneNumber: z.string(),
  label: z.string().nullable(),
  status: z.enum(['active', 'paused']),
  /** `unpaired`: no device has been paired; `provider`: the provider sends; `sandbox`: the broker simulates a device. */
  state: z.enum(NUMBER_STATES),
  isVerified: z.boolean(),
  provider: z.string().nullable(),
  complianceStatus: z.string().nullable(),
  hasWhatsapp: z.boolean(),
  createdAt: z.number(),
  messagesToday: z.number(),
  /** Number of queued messages, including deferred ones. */
  queued: z.number(),
  devices: z.array(device),
});
export type OwnNumberBody = z.infer<typeof ownNumber>;

export const numberList = z.object({
  numbers: z.array(ownNumber),
  /** Version of the broker, to compare with the agents. */
  version: z.string(),
});
export type NumberListBody = z.infer<typeof numberList>;
