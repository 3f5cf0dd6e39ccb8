/** Schemas of API keys and of the audit log of tool calls. */
import { z } from 'zod';
import { KEY_PREFIXES } from '../../../core/accounts/api-keys.ts';
import { PERMISSIONS } from '../../../core/model/api-key.ts';
import { AUDIT_OUTCOMES } from '../../../core/model/audit-entry.ts';
import { cursorOf, pageLimit } from '../../../http/pagination.ts';
import { anObject, isSendable, isWithin, oneOf, requiredText } from '../../../http/request-schemas.ts';

const LABEL_MAX_CHARACTERS = 100;
const PERMISSIONS_ERROR = `'permissions' must be a list of one or more of: ${PERMISSIONS.join(', ')}.`;

export const keyRequest = anObject({
  label: requiredText('label')
    .transform((text) => text.trim())
    .refine((text) => text !== '', { error: "'label' must not be empty." })
    .refine((text) => isWithin(text, LABEL_MAX_CHARACTERS), {
      error: `'label' must be at most ${LABEL_MAX_CHARACTERS} characters.`,
    })
    .refine(isSendable, { error: "'label' has a character that cannot be stored." }),
  permissions: z
    .array(z.enum(PERMISSIONS, { error: PERMISSIONS_ERROR }), { error: PERMISSIONS_ERROR })
    .min(1, { error: PERMISSIONS_ERROR })
    .transform((chosen) => [...new Set(chosen)]),
  /** `txt`: a bearer token for clients of the Textree API. */
  prefix: oneOf('prefix', KEY_PREFIXES).default('tb'),
});

export const apiKey = z.object({
  id: z.string(),
  label: z.string(),
  permissions: z.array(z.enum(PERMISSIONS)),
  createdAt: z.number(),
  /** Up to five minutes old after a crash; null: never used. */
  lastUsedAt: z.number().nullable(),
  revokedAt: z.number().nullable(),
});
export type ApiKeyBody = z.infer<typeof apiKey>;

export const keyList = z.object({ keys: z.array(apiKey), permissions: z.array(z.enum(PERMISSIONS)) });
export type KeyListBody = z.infer<typeof keyList>;

/** `key` is returned only once. `curl` is a command that uses it; null: each request that the key permits has an effect. */
export const newKey = apiKey.extend({ key: z.string(), curl: z.string().nullable() });
export type NewKeyBody = z.infer<typeof newKey>;

export const toolCallQuery = z.object({
  limit: pageLimit(100),
  cursor: cursorOf('call', "'cursor' is not the id of a call."),
});

export const toolCallList = z.object({
  calls: z.array(
    z.object({
      id: z.string(),
      at: z.number(),
      tool: z.string(),
      through: z.enum(['mcp', 'rest', 'stdio']),
      /** Null: the owner of the broker at its command line. */
      keyId: z.string().nullable(),
      keyLabel: z.string().nullable(),
      outcome: z.enum(AUDIT_OUTCOMES),
      errorCode: z.string().nullable(),
      durationMs: z.number(),
      /** JSON, truncated to 2 KB. */
      params: z.string(),
    }),
  ),
  next: z.string().nullable(),
});
export type ToolCallListBody = z.infer<typeof toolCallList>;
