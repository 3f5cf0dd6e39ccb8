/** Routes of a BlueBubbles server, as in its httpRoutes.ts: check for the Private API, validation, then the action. */
import type { BlueBubblesMessages } from './bluebubbles-messages.ts';
import { type Fields, methodOf, RequestError, type UploadedFile, validate } from './bluebubbles-rules.ts';

export interface RouteInput {
  messages: BlueBubblesMessages;
  /** Temporary guids of messages that the server is sending. */
  sendCache: ReadonlySet<unknown>;
  /** Fields of the body and of the query. */
  fields: Fields;
  file: UploadedFile | undefined;
}

type Route = (input: RouteInput, guid: string) => unknown;

/** The group of a pattern is the guid. The first match runs. */
const ROUTES: readonly [RegExp, Route][] = [
  [/^GET server\/info$/, ({ messages }) => messages.serverInfo()],
  [/^POST message\/text$/, ({ file: _, ...input }) => sendMessage('text', { ...input, file: undefined })],
  [/^POST message\/attachment$/, (input) => sendMessage('attachment', input)],
  [/^POST message\/react$/, guarded('react', ({ messages, fields }) => messages.react(fields))],
  [
    /^POST message\/([^/]+)\/edit$/,
    ({ messages, fields }, guid) => {
      validate('edit', fields);
      return messages.edit(guid, `${fields.editedMessage}`);
    },
  ],
  [
    /^POST message\/([^/]+)\/unsend$/,
    ({ messages, fields }, guid) => {
      validate('unsend', fields);
      return messages.unsend(guid);
    },
  ],
  [
    /^GET handle\/availability\/imessage$/,
    guarded('availability', ({ messages, fields }) => ({
      available: messages.onIMessage.has(`${fields.address}`),
    })),
  ],
  [
    /^POST chat\/new$/,
    ({ messages, fields }) => {
      validate('chat', fields);
      return messages.createChat(fields);
    },
  ],
  [/^GET chat\/([^/]+)$/, ({ messages }, guid) => messages.describe(guid)],
  [
    /^PUT chat\/([^/]+)$/,
    guarded('rename', ({ messages, fields }, guid) => messages.rename(guid, fields.displayName)),
  ],
  [
    /^POST chat\/([^/]+)\/participant\/add$/,
    guarded('participant', ({ messages, fields }, guid) =>
      messages.toggleParticipant(guid, `${fields.address}`, true),
    ),
  ],
  [
    /^POST chat\/([^/]+)\/participant\/remove$/,
    guarded('participant', ({ messages, fields }, guid) =>
      messages.toggleParticipant(guid, `${fields.address}`, false),
    ),
  ],
  [/^POST chat\/([^/]+)\/leave$/, guarded(undefined, ({ messages }, guid) => messages.leave(guid))],
  [/^POST chat\/([^/]+)\/read$/, guarded(undefined, ({ messages }, guid) => messages.markRead(guid))],
  [/^POST chat\/([^/]+)\/typing$/, guarded(undefined, ({ messages }, guid) => messages.startTyping(guid))],
  [/^DELETE chat\/([^/]+)\/typing$/, guarded(undefined, ({ messages }, guid) => messages.stopTyping(guid))],
];

/** Runs the route of `METHOD path`, with an encoded path. Throws `RequestError`. */
export function runRoute(endpoint: string, input: RouteInput): unknown {
  for (const [pattern, route] of ROUTES) {
    const match = pattern.exec(endpoint);
    if (match !== null) return route(input, decodeURIComponent(match[1] ?? ''));
  }
  throw unknownRoute();
}

/** Koa returns a text instead of JSON for an unknown path. */
export const NO_ROUTE = 'no route';

export function unknownRoute(): RequestError {
  return new RequestError(404, 'Not Found', NO_ROUTE);
}

/** Adds `PrivateApiMiddleware` and a validator. */
function guarded(rules: Parameters<typeof validate>[0] | undefined, route: Route): Route {
  return (input, guid) => {
    input.messages.requirePrivateApi();
    if (rules !== undefined) validate(rules, input.fields);
    return route(input, guid);
  };
}

function sendMessage(kind: 'text' | 'attachment', { messages, sendCache, fields, file }: RouteInput): Fields {
  validate(kind, fields);
  const method = methodOf(fields, kind === 'text');
  if (sendCache.has(fields.tempGuid)) {
    const [name, id] = kind === 'text' ? ['Message', ` (Temp GUID: ${fields.tempGuid})`] : ['Attachment', ''];
    throw new RequestError(400, `${name} is already queued to be sent!${id}`);
  }
  if (kind === 'attachment' && (file === undefined || file.content === '')) {
    throw new RequestError(400, 'Attachment not provided or was empty!');
  }
  const content = kind === 'text' ? { text: `${fields.message}` } : { text: '', file };
  const chat = `${fields.chatGuid}`;
  const sent =
    method === 'apple-script'
      ? messages.sendByScript(chat, content)
      : messages.sendByHelper(chat, content, fields);
  return { ...sent, tempGuid: fields.tempGuid };
}
