/**
 * `POST /relay/v1/poll`: the long-poll carrier. A poll is parked until there is something to say or its wait
 * is over; work is handed out only to a poll that is parked on an open connection, so a poll that the client
 * dropped takes nothing with it. A client that says which answers it `received` gets lost ones again.
 */
import type { z } from 'zod';
import { formatId, parseId } from '../../../shared/ids.ts';
import { type BrokerFrame, pollAnswer, pollRequest } from '../../../shared/protocol.ts';
import { conflict, HomingError, invalidRequest } from '../../core/model/errors.ts';
import type { DeviceContext } from '../../devices/context.ts';
import { DeviceSession, type Identity } from '../../devices/session.ts';
import type { CloseReason, Transport } from '../../devices/transport.ts';
import { type Connection, type Operation, type OperationResponse, operation } from '../../http/operation.ts';

const POLL_BODY_LIMIT_BYTES = 1024 * 1024;

type PollRequest = z.infer<typeof pollRequest>;

interface PollSession {
  session: DeviceSession;
  transport: PollTransport;
}

export function pollOperation(context: DeviceContext): Operation<Identity> {
  const sessions = new Map<string, PollSession>();
  /** The last session of a device that another one replaced, so that two devices with one token notice. */
  const replaced = new Map<string, string>();

  const open = (identity: Identity): PollSession => {
    const transport = new PollTransport(context.now, (reason) => {
      sessions.delete(session.sessionId);
      session.ended();
      if (reason === 'replaced') replaced.set(session.deviceId, session.sessionId);
    });
    const session = new DeviceSession(context, identity, transport);
    sessions.set(session.sessionId, { session, transport });
    context.sessions.opened(session);
    return { session, transport };
  };

  const find = (
    identity: Identity,
    { session: shown, frames }: Pick<PollRequest, 'session' | 'frames'>,
  ): PollSession => {
    const id = shown == null ? undefined : parseId('ses', shown);
    const known = id === undefined ? undefined : sessions.get(id);
    if (known !== undefined && known.session.deviceId === identity.device.id) return known;
    if (typeOf(frames[0]) === 'hello') return open(identity);
    if (shown == null) throw invalidRequest('The first poll must carry a hello frame.', 'frames');
    if (id !== undefined && replaced.get(identity.device.id) === id) {
      throw conflict('A newer session of this device has replaced this one.', 'session');
    }
    throw new HomingError(
      'gone',
      'This session is over. Poll again without a session, beginning with hello.',
    );
  };

  return operation<Identity, unknown, PollRequest>({
    id: 'poll',
    method: 'POST',
    path: '/relay/v1/poll',
    summary: 'Exchange frames by long-poll',
    isHot: true,
    body: pollRequest,
    bodyLimit: POLL_BODY_LIMIT_BYTES,
    responses: {
      200: {
        description: 'What the broker has to say; empty when the wait was over first.',
        schema: pollAnswer,
      },
      401: { description: 'The device token is not valid.' },
      409: { description: 'A newer session of the device has replaced this one.' },
      410: { description: 'The session is over; say hello again.' },
    },
    // No async function: while the poll is parked, that would keep everything that it was called with.
    handle({
      caller,
      body: { received, wait, frames, session: shown },
      connection,
    }): Promise<OperationResponse> {
      const known = find(caller, { session: shown, frames });
      known.session.lastSeenAt = context.now();
      const turn = known.transport.arrive(received);
      return receiveAll(known.session, frames).then(() => park(context, known, turn, connection, wait));
    },
  });
}

function park(
  { dispatcher }: DeviceContext,
  { session, transport }: PollSession,
  turn: Turn,
  connection: Connection,
  waitSeconds: number,
): Promise<OperationResponse> {
  const reply = transport.park(turn, connection, waitSeconds * 1000);
  void dispatcher.offer(session).then(() => {
    if (waitSeconds === 0) transport.respondNow();
  });
  const shown = formatId('ses', session.sessionId);
  return reply.then((said) => ({ status: 200, body: { session: shown, ...said } }));
}

/** A hello goes first and alone; the rest is begun in order, so that one commit serves all of it. */
async function receiveAll(session: DeviceSession, frames: readonly unknown[]): Promise<void> {
  const begun: Promise<void>[] = [];
  for (const frame of frames) {
    const done = session.receive(frame);
    if (typeOf(frame) === 'hello') await done;
    else begun.push(done);
  }
  await Promise.all(begun);
}

function typeOf(frame: unknown): unknown {
  return typeof frame === 'object' && frame !== null && 'type' in frame ? frame.type : undefined;
}

interface PollReply {
  answer: number;
  frames: BrokerFrame[];
}

interface SaidFrame {
  frame: BrokerFrame;
  firstResponse: number;
}

/** A poll's place in the order in which polls came. */
interface Turn {
  number: number;
  received: number | undefined;
}

interface ParkedPoll {
  turn: Turn;
  connection: Connection;
  deadline: number;
  reply: (reply: PollReply) => void;
}

class PollTransport implements Transport {
  readonly kind = 'poll';
  keepsOrder = false;
  readonly #now: () => number;
  readonly #onClose: (reason: CloseReason) => void;
  #pending: BrokerFrame[] = [];
  #parked: ParkedPoll | undefined;
  #arrivals = 0;
  #responses = 0;
  /** What was said and may not have arrived. Every answer from the first that carried a frame on carries it. */
  #unconfirmed: SaidFrame[] = [];
  #isFlushing = false;
  #isClosed = false;

  constructor(now: () => number, onClose: (reason: CloseReason) => void) {
    this.#now = now;
    this.#onClose = onClose;
  }

  isReady(): boolean {
    return this.#parked?.connection.isOpen() ?? false;
  }

  /** Frames of one turn go out in one answer. */
  send(frame: BrokerFrame): void {
    this.#pending.push(frame);
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    queueMicrotask(() => {
      this.#isFlushing = false;
      if (this.#pending.length > 0) this.respondNow();
    });
  }

  unseen(): number {
    const frames = [...this.#unconfirmed.map(({ frame }) => frame), ...this.#pending];
    return frames.reduce((sum, frame) => sum + (frame.type === 'deliver' ? frame.items.length : 0), 0);
  }

  close(reason: CloseReason): void {
    this.#isClosed = true;
    if (reason === 'replaced' || reason === 'revoked') {
      this.#pending.push({ type: 'bye', reason, retry_after_s: 0 });
    }
    this.respondNow();
    this.#onClose(reason);
  }

  keepAlive(now: number): boolean {
    if (this.#parked === undefined) return false;
    const isThere = this.#parked.connection.isOpen();
    if (this.#parked.deadline <= now) this.respondNow();
    return isThere;
  }

  /**
   * A poll is here. The one that is parked takes nothing more with it: nobody may be listening to it any more,
   * and what it took would be forgotten with the next answer.
   */
  arrive(received: number | undefined): Turn {
    const older = this.#parked;
    this.#parked = undefined;
    older?.reply(this.#nothingFor(older.turn));
    this.keepsOrder = received !== undefined;
    this.#unconfirmed =
      received === undefined ? [] : this.#unconfirmed.filter(({ firstResponse }) => firstResponse > received);
    this.#arrivals += 1;
    return { number: this.#arrivals, received };
  }

  park(turn: Turn, connection: Connection, waitMs: number): Promise<PollReply> {
    // A newer poll came while this one's frames were stored: that one gets what there is.
    if (turn.number < this.#arrivals) return Promise.resolve(this.#nothingFor(turn));
    return new Promise((resolve) => {
      const parked = { turn, connection, deadline: this.#now() + waitMs, reply: resolve };
      this.#parked = parked;
      connection.onGone(() => {
        if (this.#parked === parked) this.#parked = undefined;
        resolve(this.#nothingFor(turn));
      });
      if (this.#pending.length > 0 || this.#unconfirmed.length > 0 || this.#isClosed) this.respondNow();
    });
  }

  /** An answer that confirms nothing: its number is one that the client has. */
  #nothingFor(turn: Turn): PollReply {
    return { answer: turn.received ?? this.#responses, frames: [] };
  }

  /** Answers the poll that is parked, if one is, with what there is to say. */
  respondNow(): void {
    const parked = this.#parked;
    if (parked === undefined || !parked.connection.isOpen()) return;
    this.#parked = undefined;
    this.#responses += 1;
    // What is still unconfirmed is so by the newest poll, which is this one: it is said again, in front.
    for (const frame of this.#pending) this.#unconfirmed.push({ frame, firstResponse: this.#responses });
    this.#pending = [];
    parked.reply({ answer: this.#responses, frames: this.#unconfirmed.map(({ frame }) => frame) });
  }
}
