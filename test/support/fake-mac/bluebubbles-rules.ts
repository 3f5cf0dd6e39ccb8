/**
 * Validates the bodies of BlueBubbles requests: the rules of its messageValidator.ts, chatValidator.ts and
 * handleValidator.ts, with the semantics and messages of validatorjs, and the checks that follow them.
 */

export type Fields = Record<string, unknown>;

export interface UploadedFile {
  name: string;
  content: string;
}

/** Error response of the server. */
export class RequestError extends Error {
  readonly status: number;
  readonly title: string;
  readonly data: unknown;

  constructor(status: number, message: string, title = 'Bad Request', data: unknown = undefined) {
    super(message);
    this.status = status;
    this.title = title;
    this.data = data;
  }
}

/** `MessageInterface.possibleReactions`; it contains no emoji. */
const REACTIONS = ['love', 'like', 'dislike', 'laugh', 'emphasize', 'question'].flatMap((name) => [
  name,
  `-${name}`,
]);
const METHOD = 'string|in:apple-script,private-api';
const MESSAGE = {
  effectId: 'string',
  subject: 'string',
  selectedMessageGuid: 'string',
  partIndex: 'numeric|min:0',
};

const RULES: Record<string, Record<string, string>> = {
  text: {
    ...{ chatGuid: 'required|string', tempGuid: 'string', message: 'present|string', method: METHOD },
    ...MESSAGE,
    ddScan: 'boolean',
  },
  attachment: {
    ...{ chatGuid: 'required|string', tempGuid: 'string', method: METHOD, name: 'required|string' },
    isAudioMessage: 'boolean',
    ...MESSAGE,
  },
  react: {
    chatGuid: 'required|string',
    selectedMessageGuid: 'required|string',
    reaction: `required|string|in:${REACTIONS}`,
    partIndex: 'numeric|min:0',
  },
  edit: {
    editedMessage: 'required|string',
    backwardsCompatibilityMessage: 'required|string',
    partIndex: 'numeric|min:0',
  },
  unsend: { partIndex: 'numeric|min:0' },
  chat: {
    ...{ addresses: 'required|array', message: 'string', method: METHOD },
    ...{ service: 'string|in:iMessage,SMS', tempGuid: 'string', effectId: 'string', subject: 'string' },
  },
  rename: { displayName: 'string|min:1' },
  participant: { address: 'required|string' },
  availability: { address: 'string|required' },
};

/** Validators that do not run for an empty value. */
const CHECKS: Record<string, (value: unknown, parameter: string) => boolean> = {
  string: (value) => typeof value === 'string',
  numeric: (value) => typeof value !== 'boolean' && !Number.isNaN(Number(value)),
  boolean: (value) => [true, false, 0, 1, '0', '1', 'true', 'false'].includes(value as string),
  array: Array.isArray,
  in: (value, parameter) => parameter.split(',').includes(`${value}`),
  min: (value, parameter) => Number(value) >= Number(parameter) || Number.isNaN(Number(value)),
};

const MESSAGES: Record<string, string> = {
  required: 'The % field is required.',
  present: 'The % field must be present (but can be empty).',
  string: 'The % must be a string.',
  numeric: 'The % must be a number.',
  boolean: 'The % attribute must be true or false.',
  array: 'The % must be an array.',
  in: 'The selected % is invalid.',
  min: 'The % is too small.',
};

/** Throws the first error, like `ValidateInput`. */
export function validate(kind: keyof typeof RULES & string, fields: Fields): void {
  for (const [field, rules] of Object.entries(RULES[kind] ?? {})) {
    const value = fields[field];
    const isEmpty = value === undefined || value === null || `${value}`.replace(/\s/g, '') === '';
    for (const rule of rules.split('|')) {
      const [name = '', parameter = ''] = rule.split(':');
      const isValid =
        name === 'required'
          ? !isEmpty
          : name === 'present'
            ? value !== undefined
            : isEmpty || CHECKS[name]?.(value, parameter) === true;
      if (!isValid) throw new RequestError(400, `${MESSAGES[name]}`.replace('%', field));
    }
  }
}

/** Returns the method after the checks of `validateText` and `validateAttachment`. */
export function methodOf(fields: Fields, isText: boolean): 'apple-script' | 'private-api' {
  const isRich = [fields.effectId, fields.subject, fields.selectedMessageGuid].some(Boolean);
  const method = isRich || fields.method === 'private-api' ? 'private-api' : 'apple-script';
  const isBlank = (field: string) => `${fields[field] ?? ''}`.trim() === '';
  if (method === 'apple-script' && isBlank('tempGuid')) {
    throw new RequestError(400, "A 'tempGuid' is required when sending via AppleScript");
  }
  if (isText && method === 'apple-script' && isBlank('message')) {
    throw new RequestError(400, "A 'message' is required when sending via AppleScript");
  }
  if (isText && method === 'private-api' && isBlank('message') && isBlank('subject')) {
    throw new RequestError(400, "A 'message' or 'subject' is required when sending via the Private API");
  }
  return method;
}
