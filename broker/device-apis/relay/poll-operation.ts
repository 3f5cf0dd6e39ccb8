/**
 * Serves `POST /relay/v1/poll`, the long-poll transport.
 *
 * - A poll is parked until there are frames for the device or its wait ends.
 * - Messages are dispatched only to a poll on an open connection, so a dropped poll loses no message.
 * - A client that confirms the responses it `received` gets lost frames again.
 */
import type { z } from 'zod';
import { formatId, parseId } from '../../../shared/ids.ts';
import { type BrokerFrame, pollRequest, pollResponse } from '../../../shared/protocol.ts';
import { conflict, HomingError, invalidRequest, unauthorized } from '../../core/model/errors.ts';
import type { Identity } from '../../devices/authenticate-device.ts';
import { countPoll } from '../../devices/authenticate-device.ts';
import type { DeviceContext } from '../../devices/context.ts';
import { DeviceSession } from '../../devices/session.ts';
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

  const open = (identity: Identity): PollSession => {
    const transport = new PollTransport(context.monotonicNow, () => {
      sessions.delete(session.sessionId);
      session.handleDisconnect();
    });
    const session = new DeviceSession(context, identity, transport);
    sessions.set(session.sessionId, { session, transport });
    context.sessions.add(session);
    return { session, transport };
  };

  const find = (
    identity: Identity,
    { session: sessionId, frames }: Pick<PollRequest, 'session' | 'frames'>,
  ): PollSession | Promise<never> => {
    const id = sessionId == null ? undefined : parseId('ses', sessionId);
    const known = id === undefined ? undefined : sessions.get(id);
    if (known !== undefined && known.session.deviceId === identity.device.id) return known;
    if (typeOf(frames[0]) === 'hello') return open(identity);
    if (sessionId == null) throw invalidRequest('The first poll must contain a hello frame.', 'frames');
    return rejectUnknown(identity, id);
  };

  /** A session that another broker began is not known here. Two devices with the same token get a conflict. */
  const rejectUnknown = async ({ device }: Identity, sessionId: string | undefined): Promise<never> => {
    const stored = await context.store.read.deviceSessions.find(device.id);
    if (sessionId !== undefined && stored?.replacedSessionId === sessionId) {
      throw conflict('A newer session of this device has replaced this one.', 'session');
    }
    throw sessionEnded();
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
        description: 'Frames for the device; empty if the wait ended first.',
        schema: pollResponse,
      },
      401: { description: 'Invalid device token.' },
      409: { description: 'A newer session of the device has replaced this one.' },
      410: { description: 'The session has ended. Send hello again.' },
      429: { description: 'Too many polls.' },
    },
    // Not an async function, which would hold its arguments in memory while the poll is parked.
    handle({ caller, body: { received, wait, frames, session }, connection }): Promise<OperationResponse> {
      countPoll(caller, context);
      const known = find(caller, { session, frames });
      if (known instanceof Promise) return known;
      known.session.markSeen();
      const place = known.transport.arrive(received);
      return receiveAll(known.session, frames).then(() => {
        if (known.session.rejection === 'revoked') throw unauthorized('Invalid or missing device token.');
        if (known.session.rejection === 'outdated') throw sessionEnded();
        return park(context, known, place, connection, wait);
      });
    },
  });
}

const sessionEnded = () =>
  new HomingError(
    'gone',
    'The session has ended. Poll again without a session, with hello as the first frame.',
  );

function park(
  { dispatcher }: DeviceContext,
  { session, transport }: PollSession,
  place: Place,
  connection: Connection,
  waitSeconds: number,
): Promise<OperationResponse> {
  const reply = transport.park(place, connection, waitSeconds * 1000);
  void dispatcher.offer(session).then(() => {
    if (waitSeconds === 0) transport.respondNow();
  });
  const publicId = formatId('ses', session.sessionId);
  return reply.then((frames) => ({ status: 200, body: { session: publicId, ...frames } }));
}

/** Applies a hello first; starts the other frames in order without waiting, so that they share a commit. */
async function receiveAll(session: DeviceSession, frames: readonly unknown[]): Promise<void> {
  const begun: Promise<unknown>[] = [];
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

/** Returns the number of messages and actions, which count against the credit. */
function countItems(frame: BrokerFrame): number {
  return frame.type === 'deliver' || frame.type === 'act' ? frame.items.length : 0;
}

interface PollReply {
  answer: number;
  frames: BrokerFrame[];
}

interface SentFrame {
  frame: BrokerFrame;
  firstResponse: number;
}

/** The place of a poll in the order of arrival. */
interface Place {
  number: number;
  received: number | undefined;
}

interface ParkedPoll {
  place: Place;
  connection: Connection;
  deadline: number;
  reply: (reply: PollReply) => void;
}

class PollTransport implements Transport {
  readonly kind = 'poll';
  keepsOrder = false;
  readonly #monotonicNow: () => number;
  readonly #onClose: (reason: CloseReason) => void;
  #pending: BrokerFrame[] = [];
  #parked: ParkedPoll | undefined;
  #arrivals = 0;
  #responses = 0;
  /** Sent frames that may be lost. Every response repeats them until the client confirms one that contained them. */
  #unconfirmed: SentFrame[] = [];
  #isFlushing = false;
  #isClosed = false;

  constructor(monotonicNow: () => number, onClose: (reason: CloseReason) => void) {
    this.#monotonicNow = monotonicNow;
    this.#onClose = onClose;
  }

  isReady(): boolean {
    return this.#parked?.connection.isOpen() ?? false;
  }

  /** Frames that are sent in the same tick of the event loop share a response. */
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
    return frames.reduce((sum, frame) => sum + countItems(frame), 0);
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
   * Registers a new poll. Ends the parked poll without frames, because its client may have dropped it, and the frames
   * would count as confirmed by the next response.
   */
  arrive(received: number | undefined): Place {
    const older = this.#parked;
    this.#parked = undefined;
    older?.reply(this.#emptyReply(older.place));
    this.keepsOrder = received !== undefined;
    this.#unconfirmed =
      received === undefined ? [] : this.#unconfirmed.filter(({ firstResponse }) => firstResponse > received);
    this.#arrivals += 1;
    return { number: this.#arrivals, received };
  }

  park(place: Place, connection: Connection, waitMs: number): Promise<PollReply> {
    // A newer poll arrived while the frames of this one were stored. The newer poll gets the pending frames.
    if (place.number < this.#arrivals) return Promise.resolve(this.#emptyReply(place));
    return new Promise((resolve) => {
      const parked = { place, connection, deadline: this.#monotonicNow() + waitMs, reply: resolve };
      this.#parked = parked;
      connection.onGone(() => {
        if (this.#parked === parked) this.#parked = undefined;
        resolve(this.#emptyReply(place));
      });
      if (this.#pending.length > 0 || this.#unconfirmed.length > 0 || this.#isClosed) this.respondNow();
    });
  }

  /** A response without frames. It repeats a number that the client has, so it confirms nothing. */
  #emptyReply(place: Place): PollReply {
    return { answer: place.received ?? this.#responses, frames: [] };
  }

  /** Ends the parked poll, if there is one, with the pending frames. */
  respondNow(): void {
    const parked = this.#parked;
    if (parked === undefined || !parked.connection.isOpen()) return;
    this.#parked = undefined;
    this.#responses += 1;
    // The newest poll, which is this one, did not confirm these frames. They are repeated first.
    for (const frame of this.#pending) this.#unconfirmed.push({ frame, firstResponse: this.#responses });
    this.#pending = [];
    parked.reply({ answer: this.#responses, frames: this.#unconfirmed.map(({ frame }) => frame) });
  }
}
