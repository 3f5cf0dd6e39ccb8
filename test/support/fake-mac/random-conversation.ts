/**
 * Writes random conversations to the chat.db of a fake Mac: messages, reactions, edits, unsent parts, readings and changes of
 * a group. It keeps the state that they lead to.
 */
import { bodyOf } from './edits.ts';
import type { FakeMac } from './fake-mac.ts';

export const ADA = '+14155550100';
const BOB = 'bob@example.com';
const EVE = '+14155550102';
const ME = 'me';
const GROUP = 'any;+;chat4711';
const REACTIONS = ['love', 'like', 'dislike', 'laugh', 'emphasize', 'question', '🥨', '👩🏽‍🚀'];
const EFFECTS: Record<string, string> = {
  slam: 'com.apple.MobileSMS.expressivesend.impact',
  confetti: 'com.apple.messages.effect.CKConfettiEffect',
  love: 'com.apple.messages.effect.CKHeartEffect',
};
/** Time between two steps, so that the order is clear. */
const STEP_MS = 1_000;

interface RandomMessage {
  guid: string;
  isGroup: boolean;
  from: string;
  parts: string[];
  /** Indexes of unsent parts. */
  unsent: Set<number>;
  subject: string | undefined;
  effect: string | undefined;
  replyTo: { message: RandomMessage; part: number } | undefined;
  /** `part sender` → reaction. */
  reactions: Map<string, string>;
  /** The text of the whole message after each edit. */
  edits: Array<{ content: string; at: string }>;
  original: string;
  readAt: string | null;
}

export class RandomConversation {
  readonly #mac: FakeMac;
  readonly #random: () => number;
  readonly #messages: RandomMessage[] = [];
  #members = [ADA, BOB];
  #name = 'Climbing';
  readonly #changes: Array<{ kind: string; value: string }> = [];
  #at: number;

  constructor(mac: FakeMac, random: () => number, steps: number) {
    this.#mac = mac;
    this.#random = random;
    this.#at = Date.now() - steps * STEP_MS;
  }

  step(): void {
    this.#at += STEP_MS;
    const steps = [
      ...Array.from({ length: 6 }, () => () => this.#write()),
      ...Array.from({ length: 5 }, () => () => this.#react()),
      ...Array.from({ length: 4 }, () => () => this.#edit()),
      () => this.#unsend(),
      () => this.#read(),
      () => this.#read(),
      () => this.#changeGroup(),
    ];
    this.#pick(steps)();
  }

  /** Writes a message to wait for, which is no part of the conversation. */
  mark(text: string): void {
    this.#at += STEP_MS;
    this.#mac.receive(ADA, text, { change: { date: this.#macTime() } });
  }

  get group() {
    return {
      name: this.#name,
      participants: this.#members.toSorted(),
      changes: this.#changes.toReversed(),
    };
  }

  /** Returns the messages that are not unsent, by their name, in the form of `shownMessage`. */
  expected(ownNumber: string): Record<string, unknown> {
    const handleOf = (who: string) => (who === ME ? ownNumber : who);
    return Object.fromEntries(
      this.#messages.filter(isThere).map((message) => [
        nameOf(message.original),
        {
          direction: message.from === ME ? 'outbound' : 'inbound',
          ...(message.from === ME || !message.isGroup ? {} : { sender: message.from }),
          is_group: message.isGroup,
          content: textOf(message),
          subject: message.subject ?? null,
          effect: message.effect ?? null,
          reply_to: message.replyTo ? replyOf(message.replyTo) : null,
          reactions: [...message.reactions]
            .map(([key, reaction]) => {
              const [part = '', who = ''] = key.split(' ');
              return [handleOf(who), reaction, Number(part)];
            })
            .toSorted(byText),
          edits: message.edits,
          read_at: message.from === ME ? null : message.readAt,
        },
      ]),
    );
  }

  isUnsent(name: string): boolean {
    return this.#messages.some((message) => nameOf(message.original) === name && !isThere(message));
  }

  #write(): void {
    const isGroup = this.#random() < 0.5;
    const from = this.#random() < 0.4 ? ME : isGroup ? this.#pick(this.#members) : ADA;
    const number = this.#messages.length;
    const parts =
      this.#random() < 0.3 ? [`first of ${number}`, ` second of ${number}`] : [`text ${number} 👋🏽`];
    const candidates = this.#messages.filter((one) => one.isGroup === isGroup && isThere(one));
    const target = this.#random() < 0.3 && candidates.length > 0 ? this.#pick(candidates) : undefined;
    const effect = this.#random() < 0.2 ? this.#pick(Object.keys(EFFECTS)) : undefined;
    const subject = this.#random() < 0.2 ? `Subject ${number}` : undefined;
    const replyPart = target === undefined ? 0 : this.#pick(target.parts.map((_, index) => index));
    const row = {
      ...(isGroup ? { group: this.#groupRow() } : {}),
      change: {
        ...{ date: this.#macTime(), is_sent: 1 },
        attributedBody: bodyOf(parts.map((text, index) => ({ index, text }))),
        subject: subject ?? null,
        expressive_send_style_id: effect === undefined ? null : (EFFECTS[effect] ?? null),
        thread_originator_guid: target?.guid ?? null,
        thread_originator_part: target === undefined ? null : `${replyPart}:0:4`,
      },
    };
    const guid = from === ME ? this.#mac.type(ADA, '', row) : this.#mac.receive(from, '', row);
    const message: RandomMessage = {
      ...{ guid, isGroup, from, parts, subject, effect, unsent: new Set(), reactions: new Map(), edits: [] },
      replyTo: target && { message: target, part: replyPart },
      original: parts.join(''),
      readAt: null,
    };
    this.#messages.push(message);
  }

  #react(): void {
    const message = this.#anyMessage();
    if (message === undefined) return;
    const who = this.#pick([ME, ...(message.isGroup ? this.#members : [ADA])]);
    const part = this.#pick(message.parts.map((_, index) => index));
    const key = `${part} ${who}`;
    const current = message.reactions.get(key);
    const isRemoved = current !== undefined && this.#random() < 0.5;
    const reaction = isRemoved ? current : this.#pick(REACTIONS);
    if (reaction === current && !isRemoved) return;
    if (isRemoved) message.reactions.delete(key);
    else message.reactions.set(key, reaction);
    const index = Math.min(REACTIONS.indexOf(reaction), 6);
    const row = {
      ...(message.isGroup ? { group: this.#groupRow() } : {}),
      change: {
        ...{ date: this.#macTime(), is_sent: 1, associated_message_type: (isRemoved ? 3000 : 2000) + index },
        associated_message_guid: `p:${part}/${message.guid}`,
        ...(index === 6 ? { associated_message_emoji: reaction } : {}),
      },
    };
    if (who === ME) this.#mac.type(ADA, `Reacted ${reaction} to “…”`, row);
    else this.#mac.receive(who, `Reacted ${reaction} to “…”`, row);
  }

  #edit(): void {
    const message = this.#anyMessage(({ unsent, edits }) => unsent.size === 0 && edits.length < 5);
    if (message === undefined) return;
    const part = this.#pick(message.parts.map((_, index) => index));
    message.parts[part] =
      `${part === 0 ? '' : ' '}edit ${message.edits.length} of ${nameOf(message.original)}`;
    message.edits.push({ content: textOf(message), at: this.#isoTime() });
    this.#mac.edit(message.guid, message.parts[part] ?? '', this.#at, part);
  }

  /** Unsends a message, or the second part of an unedited one. */
  #unsend(): void {
    const message = this.#anyMessage(({ unsent }) => unsent.size === 0);
    if (message === undefined) return;
    const isPart = message.parts.length > 1 && message.edits.length === 0;
    const unsent = isPart ? [1] : message.parts.map((_, index) => index);
    for (const part of unsent) message.unsent.add(part);
    if (isPart) message.edits.push({ content: textOf(message), at: this.#isoTime() });
    this.#mac.unsend(message.guid, this.#at, unsent);
  }

  #read(): void {
    const message = this.#anyMessage(({ from, readAt }) => from !== ME && readAt === null);
    if (message === undefined) return;
    message.readAt = this.#isoTime();
    this.#mac.read(message.guid, this.#at);
  }

  #changeGroup(): void {
    const change = (columns: Record<string, number | string>, kind: string, value: string, by = ADA) => {
      this.#changes.push({ kind, value });
      this.#mac.receive(by, '', { group: this.#groupRow(), change: { date: this.#macTime(), ...columns } });
    };
    const outside = [BOB, EVE].filter((one) => !this.#members.includes(one));
    const inside = this.#members.filter((one) => one !== ADA);
    const kind = this.#pick(['named', ...outside.map(() => 'joined'), ...inside.map(() => 'left')]);
    if (!this.#messages.some(({ isGroup }) => isGroup)) return;
    if (kind === 'named') {
      this.#name = `Name ${this.#changes.length}`;
      this.#mac.rename(GROUP, this.#name);
      change({ item_type: 2, group_title: this.#name }, 'named', this.#name);
      return;
    }
    const who = this.#pick(kind === 'joined' ? outside : inside);
    this.#members = kind === 'joined' ? [...this.#members, who] : this.#members.filter((one) => one !== who);
    this.#mac.changeMembers(GROUP, this.#members);
    if (kind === 'left' && this.#random() < 0.5) change({ item_type: 3 }, kind, who, who);
    else {
      const action = kind === 'joined' ? 0 : 1;
      change({ item_type: 1, group_action_type: action, other_handle: this.#mac.handleOf(who) }, kind, who);
    }
  }

  #groupRow() {
    return { guid: GROUP, name: this.#name, participants: this.#members };
  }

  #anyMessage(isWanted: (message: RandomMessage) => boolean = () => true): RandomMessage | undefined {
    const candidates = this.#messages.filter((message) => isThere(message) && isWanted(message));
    return candidates.length === 0 ? undefined : this.#pick(candidates);
  }

  #pick<T>(values: readonly T[]): T {
    return values[Math.floor(this.#random() * values.length)] as T;
  }

  #macTime(): number {
    return (this.#at - 978_307_200_000) * 1_000_000;
  }

  #isoTime(): string {
    return new Date(this.#at).toISOString();
  }
}

// biome-ignore lint/suspicious/noExplicitAny: responses of the API
type Body = any;

/** Converts a message of the API to the form of `expected`. */
export function shownMessage(body: Body, nameOfId: (id: string) => string | undefined): unknown {
  const { direction, is_group, sender, content, subject, effect, reply_to, reactions, edits, read_at } = body;
  return {
    ...{ direction, ...(sender === null ? {} : { sender }), is_group, content },
    ...{ subject: subject ?? null, effect },
    reply_to: reply_to && [nameOfId(reply_to.message_id) ?? null, reply_to.part],
    reactions: reactions.map(({ handle, reaction, part }: Body) => [handle, reaction, part]).toSorted(byText),
    edits: edits.slice(1),
    read_at,
  };
}

/** Returns the name of a message of the API, which is part of its first text. */
export const messageName = ({ content, edits }: Body): string => nameOf(edits[0]?.content ?? content);

/** The second part of a text can be unsent before the agent reads it. */
const nameOf = (text: string) => /^(?:first of|text) \d+/.exec(text)?.[0] ?? text;

/** An unsent message has no name any more. */
function replyOf({ message, part }: NonNullable<RandomMessage['replyTo']>) {
  return [isThere(message) ? nameOf(message.original) : null, part];
}

const isThere = ({ parts, unsent }: RandomMessage) => unsent.size < parts.length;

const textOf = ({ parts, unsent }: RandomMessage) =>
  parts
    .filter((_, index) => !unsent.has(index))
    .join('')
    .trim();

function byText(one: unknown, other: unknown): number {
  return JSON.stringify(one) < JSON.stringify(other) ? -1 : 1;
}
