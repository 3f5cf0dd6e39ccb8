/**
 * Fakes Messages behind a BlueBubbles server: chats, messages, the AppleScript method and the Private API with the
 * errors of its helper. Writes rows into a fake chat.db if it has one.
 */
import { randomUUID } from 'node:crypto';
import type { BlueBubblesRows, SentRow } from './bluebubbles-rows.ts';
import { type Fields, RequestError, type UploadedFile } from './bluebubbles-rules.ts';

export interface BlueBubblesSwitches {
  privateApi: boolean;
  helperConnected: boolean;
  macos: string;
  version: string;
}

export interface FakeChat {
  name: string | null;
  participants: string[];
}

interface Content {
  text: string;
  file?: UploadedFile | undefined;
}

/** Values of `associated_message_type`; a removal adds 1000. */
const REACTION_TYPES = ['love', 'like', 'dislike', 'laugh', 'emphasize', 'question'];
const FIRST_REACTION_TYPE = 2000;

export class BlueBubblesMessages {
  readonly switches: BlueBubblesSwitches;
  readonly chats = new Map<string, FakeChat>();
  /** Chat of each message, by guid. */
  readonly messages = new Map<string, string>();
  /** Handles on iMessage. */
  readonly onIMessage = new Set<string>();
  /** Chats with a typing indicator. */
  readonly typing = new Set<string>();
  readonly read: string[] = [];
  readonly #rows: BlueBubblesRows | undefined;

  constructor(switches: BlueBubblesSwitches, rows?: BlueBubblesRows) {
    this.switches = switches;
    this.#rows = rows;
  }

  isMacos(major: number): boolean {
    return Number.parseInt(this.switches.macos, 10) >= major;
  }

  /** `checkPrivateApiStatus`. */
  requirePrivateApi(title = 'Please make sure you have completed the setup for the Private API'): void {
    const { privateApi, helperConnected } = this.switches;
    if (!privateApi) throw new RequestError(500, 'iMessage Private API is not enabled!', title);
    if (!helperConnected) throw new RequestError(500, 'iMessage Private API Helper is not connected!', title);
  }

  serverInfo(): Fields {
    const { privateApi, helperConnected, macos, version } = this.switches;
    return {
      ...{
        computer_id: 'user@mac.local',
        os_version: macos,
        server_version: version,
        private_api: privateApi,
      },
      ...{ proxy_service: 'dynamic-dns', helper_connected: helperConnected, macos_time_sync: 0.01 },
      ...{ detected_icloud: 'user@example.com', detected_imessage: 'user@example.com' },
    };
  }

  /** Runs the script for a chat id, then the fallback script for a handle. */
  sendByScript(chatGuid: string, content: Content): Fields {
    const [service = '', , address = ''] = chatGuid.split(';');
    const hasAnyService = service === 'any';
    if (this.#hasChat(chatGuid) && !(hasAnyService && this.isMacos(26))) return this.#sent(chatGuid, content);
    if (address.startsWith('chat')) {
      throw sendError("Can't use the send message (fallback) script to text a group chat!");
    }
    const script = `Command failed: osascript -e "send \\"${content.text}\\" to targetBuddy"`;
    if (hasAnyService) {
      throw sendError(`${script}\n74:77: execution error: Can’t make any into type constant. (-1700)\n`);
    }
    if (!this.isMacos(26)) return this.#sent(this.#direct(chatGuid, address), content);
    this.#sent(this.#direct(`any;-;${address}`, address), content);
    // The server waits for a row in the chat of the request. On macOS 26, the row is in another chat.
    throw sendError('Failed to send message! See attached message error code.');
  }

  sendByHelper(chatGuid: string, content: Content, fields: Fields): Fields {
    this.requirePrivateApi('Message Send Error');
    this.#requireChat(chatGuid);
    this.typing.delete(chatGuid);
    return this.#sent(chatGuid, content, {
      expressive_send_style_id: fields.effectId,
      subject: fields.subject,
      thread_originator_guid: fields.selectedMessageGuid,
      thread_originator_part: fields.selectedMessageGuid ? `${fields.partIndex ?? 0}:0:1` : undefined,
      is_audio_message: fields.isAudioMessage === 'true' ? 1 : undefined,
    });
  }

  createChat(fields: Fields): Fields {
    const method = `${fields.method ?? 'apple-script'}`;
    const addresses = fields.addresses as string[];
    const text = `${fields.message ?? ''}`;
    if (method === 'apple-script' && addresses.length > 1) {
      throw new RequestError(500, 'Cannot create group chats on macOS Big Sur or newer!', 'Server Error');
    }
    if (text === '')
      throw new RequestError(500, 'A message is required when creating chats!', 'Server Error');
    const service = `${fields.service ?? 'iMessage'}`;
    if (method === 'apple-script') {
      const message = this.sendByScript(`${service};-;${addresses[0]}`, { text });
      return this.describe(`${(message.chats as Fields[])[0]?.guid}`, [message]);
    }
    this.requirePrivateApi('Server Error');
    if (
      service === 'iMessage' &&
      addresses.some((each) => this.onIMessage.size > 0 && !this.onIMessage.has(each))
    )
      throw new RequestError(500, 'Failed to find all handles for specified service!', 'Server Error');
    const prefix = this.isMacos(26) ? 'any' : service;
    const [first = ''] = addresses;
    const guid =
      addresses.length === 1 ? `${prefix};-;${first}` : `${prefix};+;chat${100_000 + this.chats.size}`;
    if (!this.chats.has(guid)) this.chats.set(guid, { name: null, participants: [...addresses] });
    return this.describe(guid, [this.sendByHelper(guid, { text }, fields)]);
  }

  react(fields: Fields): Fields {
    const target = `${fields.selectedMessageGuid}`;
    if (this.#chatOfMessage(target) === undefined)
      throw new RequestError(400, 'Selected message does not exist!');
    this.#requireChat(`${fields.chatGuid}`);
    const [, sign = '', name = ''] = /^(-?)(.*)$/.exec(`${fields.reaction}`) ?? [];
    const type = FIRST_REACTION_TYPE + REACTION_TYPES.indexOf(name) + (sign === '' ? 0 : 1000);
    return this.#sent(
      `${fields.chatGuid}`,
      { text: `Reacted to “${target}”` },
      { associated_message_guid: `p:${fields.partIndex ?? 0}/${target}`, associated_message_type: type },
    );
  }

  edit(guid: string, text: string): Fields {
    const changed = this.#changeMessage(guid, 'Message Edit Error');
    this.#rows?.edit(guid, text);
    return changed;
  }

  unsend(guid: string): Fields {
    const changed = this.#changeMessage(guid, 'Unsend Message Error');
    this.#rows?.unsend(guid);
    return changed;
  }

  /** Unlike for the other routes, the server checks for the Private API after the message. */
  #changeMessage(guid: string, title: string): Fields {
    const chat = this.#chatOfMessage(guid);
    if (chat === undefined) throw new RequestError(400, 'Selected message does not exist!');
    this.requirePrivateApi(title);
    if (!this.isMacos(13)) {
      const problem = 'Unsend message is only supported on macOS Ventura and newer!';
      throw new RequestError(500, problem, title);
    }
    return { guid, chats: [{ guid: chat }], error: 0 };
  }

  /** Returns a chat as in a response. Throws 404 for an unknown one. */
  describe(guid: string, messages: Fields[] = []): Fields {
    const { name, participants } = this.#find(guid);
    return {
      guid,
      displayName: name,
      participants: participants.map((address) => ({ address })),
      messages: messages.map(({ chats: _, ...message }) => message),
    };
  }

  rename(guid: string, name: unknown): Fields {
    const chat = this.#find(guid);
    if (typeof name === 'string' && name !== '') {
      if (chat.participants.length <= 1) {
        throw new RequestError(500, 'Chat is not a group', 'Cannot rename a non-group chat!');
      }
      chat.name = name;
      this.#rows?.rename(guid, chat.name);
    }
    return this.describe(guid);
  }

  toggleParticipant(guid: string, address: string, isAdding: boolean): Fields {
    const chat = this.#find(guid);
    if (chat.participants.length === 1) throw new RequestError(500, 'Chat is not a group chat!');
    const count = chat.participants.length;
    chat.participants = chat.participants.filter((each) => each !== address);
    if (isAdding) chat.participants.push(address);
    if (chat.participants.length === count) {
      const problem = 'participant to chat! Operation took longer than 5 seconds!';
      throw new RequestError(500, `Failed to ${isAdding ? 'add' : 'remove'} ${problem}`);
    }
    this.#rows?.toggleMember(guid, address, isAdding);
    return this.describe(guid);
  }

  leave(guid: string): void {
    this.#rows?.leave(guid);
    this.chats.delete(guid);
  }

  markRead(guid: string): void {
    this.read.push(guid);
  }

  startTyping(guid: string): void {
    this.typing.add(guid);
  }

  /** Version 1.9.9 starts the indicator again. */
  stopTyping(guid: string): void {
    if (this.switches.version !== '1.9.9') this.typing.delete(guid);
    else this.typing.add(guid);
  }

  /** Chats of chat.db exist, too. */
  #hasChat(guid: string): boolean {
    const stored = this.#rows?.findChat(guid);
    if (stored !== undefined) this.chats.set(guid, stored);
    return this.chats.has(guid);
  }

  #chatOfMessage(guid: string): string | undefined {
    return this.messages.get(guid) ?? this.#rows?.findMessage(guid);
  }

  #find(guid: string): FakeChat {
    const chat = this.#hasChat(guid) ? this.chats.get(guid) : undefined;
    if (chat === undefined) throw new RequestError(404, 'Chat does not exist!', 'Not found');
    return chat;
  }

  #requireChat(guid: string): void {
    if (!this.#hasChat(guid)) throw sendError('Chat does not exist in IMChatRegistry!');
  }

  #direct(guid: string, address: string): string {
    if (!this.chats.has(guid)) this.chats.set(guid, { name: null, participants: [address] });
    return guid;
  }

  #sent(chat: string, { text, file }: Content, columns: Fields = {}): Fields {
    const guid = randomUUID().toUpperCase();
    this.messages.set(guid, chat);
    const { name = null, participants = [] } = this.chats.get(chat) ?? {};
    const set = Object.entries(columns).filter(([, value]) => value !== undefined && value !== '');
    const row = {
      guid,
      chat,
      text,
      file: file?.name,
      columns: Object.fromEntries(set) as SentRow['columns'],
    };
    this.#rows?.writeMessage(row, { name, participants });
    return { guid, text, error: 0, isFromMe: true, chats: [{ guid: chat }] };
  }
}

function sendError(message: string): RequestError {
  return new RequestError(500, message, 'Message Send Error');
}
