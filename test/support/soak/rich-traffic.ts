/**
 * Creates all kinds of messages and changes for the soak test of the relay agent: texts, group messages, replies, reactions,
 * edits, unsends and changes of groups, requested through the API and received in Messages.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'vitest';
import type { FakeMac } from '../fake-mac/fake-mac.ts';
import type { Client, HttpResponse } from '../http-client.ts';

export interface RichTrafficOptions {
  mac: FakeMac;
  number: string;
  /** A client of the running broker. */
  client(): Client;
  /** False while the broker restarts: requests may fail. */
  isBrokerUp(): boolean;
  random(): number;
}

const CONTACTS = Array.from({ length: 10 }, (_, index) => `+1415555${7000 + index}`);
const TAPBACKS = ['love', 'like', 'dislike', 'laugh', 'emphasize', 'question'];
const EMOJI = ['🦊', '🎉'];
const RETRY_MS = 50;
/** Newest messages that are changed. Messages allows changes for 15 minutes, and the agent checks the newest 1,000 rows. */
const CHANGEABLE = 100;

interface Group {
  guid: string;
  name: string;
  members: string[];
}

interface ReceivedMessage {
  guid: string;
  from: string;
  group: Group | undefined;
  isUnsent: boolean;
}

export class RichTraffic {
  readonly #options: RichTrafficOptions;
  /** Content of each accepted message by its id. */
  readonly accepted = new Map<string, string>();
  readonly received: ReceivedMessage[] = [];
  readonly counts: Record<string, number> = {};
  readonly #groups: Group[] = [0, 1].map((index) => ({
    guid: `iMessage;+;chat80${index}`,
    name: `Group ${index}`,
    members: CONTACTS.slice(index * 3, index * 3 + 3),
  }));

  constructor(options: RichTrafficOptions) {
    this.#options = options;
  }

  /** Requests one message or change. */
  async send(): Promise<void> {
    const dice = this.#options.random();
    if (dice < 0.5) await this.#sendText({ to: this.#pick(CONTACTS) });
    else if (dice < 0.6) await this.#sendToGroup();
    else await this.#act(dice);
  }

  /** Writes one message or change of other people to chat.db. */
  receive(): void {
    const dice = this.#options.random();
    const known = this.#pick(this.received.slice(-CHANGEABLE).filter(({ isUnsent }) => !isUnsent));
    if (dice < 0.45 || known === undefined) this.#receiveText(undefined);
    else if (dice < 0.65) this.#receiveText(this.#pick(this.#groups));
    else if (dice < 0.8) this.#receiveReaction(known);
    else if (dice < 0.9) this.#edit(known);
    else if (dice < 0.95) this.#unsend(known);
    else this.#changeGroup(this.#pick(this.#groups)!);
  }

  #receiveText(group: Group | undefined): void {
    const { mac } = this.#options;
    const from = this.#pick(group?.members ?? CONTACTS)!;
    const text = `in ${this.received.length} ${randomUUID()}`;
    const reply = this.#options.random() < 0.2 ? this.#pick(this.received) : undefined;
    const guid = mac.receive(from, text, {
      ...(group === undefined
        ? {}
        : { group: { guid: group.guid, name: group.name, participants: group.members } }),
      ...(reply === undefined || reply.group !== group
        ? {}
        : { change: { thread_originator_guid: reply.guid, thread_originator_part: '0:0:2' } }),
    });
    this.received.push({ guid, from, group, isUnsent: false });
    this.#count('text in');
  }

  #receiveReaction({ guid, from, group }: ReceivedMessage): void {
    const handle = this.#pick(group?.members ?? [from])!;
    const type = Math.floor(this.#options.random() * TAPBACKS.length);
    this.#options.mac.receive(handle, 'Reacted', {
      ...(group === undefined ? {} : { group: { ...group, participants: [] } }),
      change: { associated_message_type: 2000 + type, associated_message_guid: `p:0/${guid}` },
    });
    this.#count('reaction in');
  }

  #edit({ guid }: ReceivedMessage): void {
    this.#options.mac.edit(guid, `edited ${randomUUID()}`);
    this.#count('edit in');
  }

  #unsend(message: ReceivedMessage): void {
    message.isUnsent = true;
    this.#options.mac.unsend(message.guid);
    this.#count('unsend in');
  }

  #changeGroup(group: Group): void {
    const { mac, random } = this.#options;
    const by = this.#pick(group.members)!;
    const event = (change: Record<string, string | number>) =>
      mac.receive(by, '', { group: { ...group, participants: [] }, change });
    if (random() < 0.5) {
      group.name = `Named ${Object.values(this.counts).reduce((sum, count) => sum + count, 0)}`;
      mac.run('UPDATE chat SET display_name = ? WHERE guid = ?', group.name, group.guid);
      event({ item_type: 2, group_title: group.name });
      this.#count('name in');
      return;
    }
    const handle = this.#pick(CONTACTS.slice(6))!;
    const isMember = group.members.includes(handle);
    group.members = isMember ? group.members.filter((one) => one !== handle) : [...group.members, handle];
    if (!this.#isKnown(group)) return;
    mac.changeMembers(group.guid, group.members);
    event({ item_type: 1, group_action_type: isMember ? 1 : 0, other_handle: mac.handleOf(handle) });
    this.#count('member in');
  }

  /** Returns whether the group exists in chat.db. */
  #isKnown(group: Group): boolean {
    return this.received.some((message) => message.group === group);
  }

  async #sendToGroup(): Promise<void> {
    const message = await this.#latest(({ is_group }) => is_group);
    if (message !== undefined) await this.#sendText({ conversation_id: message.conversation_id });
  }

  async #act(dice: number): Promise<void> {
    if (dice < 0.7) {
      const message = await this.#latest(
        ({ direction, unsent_at }) => direction === 'inbound' && unsent_at === null,
      );
      if (message === undefined) return;
      const reaction = this.#pick([...TAPBACKS, ...EMOJI])!;
      await this.#request('react out', () =>
        this.#options.client().post(`/v1/messages/${message.id}/reactions`, { reaction }),
      );
    } else if (dice < 0.8) {
      const message = await this.#latest(
        ({ direction, unsent_at, is_group }) => direction === 'inbound' && unsent_at === null && !is_group,
      );
      if (message !== undefined) await this.#sendText({ to: message.from, reply_to: message.id });
    } else if (dice < 0.93) {
      const message = await this.#latest(
        ({ direction, status, unsent_at }) =>
          direction === 'outbound' && ['sent', 'delivered'].includes(status) && unsent_at === null,
      );
      if (message === undefined) return;
      const isEdit = dice < 0.89;
      await this.#request(isEdit ? 'edit out' : 'unsend out', () =>
        isEdit
          ? this.#options.client().patch(`/v1/messages/${message.id}`, { content: `better ${randomUUID()}` })
          : this.#options.client().post(`/v1/messages/${message.id}/unsend`, {}),
      );
    } else {
      const message = await this.#latest(({ is_group }) => is_group);
      if (message === undefined) return;
      await this.#request('name out', () =>
        this.#options.client().patch(`/v1/conversations/${message.conversation_id}`, {
          name: `Ours ${randomUUID().slice(0, 8)}`,
        }),
      );
    }
  }

  async #sendText(target: Record<string, unknown>): Promise<void> {
    const content = `out ${this.accepted.size} ${randomUUID()}`;
    const body = { from: this.#options.number, ...target, content };
    if ('conversation_id' in target) Reflect.deleteProperty(body, 'from');
    const headers = { 'idempotency-key': randomUUID() };
    // A broker that is killed during the request may have accepted it; the retry uses the same idempotency key.
    const response = await this.#untilResponse(() =>
      this.#options.client().post('/v1/messages/send', body, headers),
    );
    expect(response.status, response.text).toBe(202);
    this.accepted.set(response.body.id, content);
    this.#count('text out');
  }

  /** A change that is too late, or that another change made impossible, is rejected with 409. */
  async #request(kind: string, send: () => Promise<HttpResponse>): Promise<void> {
    const { status, text } = await this.#untilResponse(send);
    expect([200, 202, 409], text).toContain(status);
    if (status !== 409) this.#count(kind);
  }

  async #untilResponse(send: () => Promise<HttpResponse>): Promise<HttpResponse> {
    for (;;) {
      try {
        return await send();
      } catch (error) {
        if (this.#options.isBrokerUp() && !(error instanceof TypeError)) throw error;
        await wait(RETRY_MS);
      }
    }
  }

  // biome-ignore lint/suspicious/noExplicitAny: the messages of the API
  async #latest(isWanted: (message: any) => boolean): Promise<any> {
    const { body } = await this.#untilResponse(() => this.#options.client().get('/v1/messages?limit=50'));
    return this.#pick(body.messages.filter(isWanted));
  }

  #count(kind: string): void {
    this.counts[kind] = (this.counts[kind] ?? 0) + 1;
  }

  #pick<T>(from: readonly T[]): T | undefined {
    return from[Math.floor(this.#options.random() * from.length)];
  }
}
