/**
 * Reads the frames of one WebSocket in order, and protects the broker from a device that floods it.
 *
 * - The socket is paused while many frames wait, so TCP slows down the device.
 * - The event loop gets a turn after a few frames, so other connections are served.
 * - A device that sends many invalid frames, or does not read the responses, is disconnected.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { WebSocket } from 'ws';
import type { DeviceSession } from '../../devices/session.ts';

const WAITING_MAX = 32;
const FRAMES_PER_TURN = 8;
const INVALID_MAX = 100;
/** Responses that the device has not read. */
const UNREAD_MAX_BYTES = 8 * 1024 * 1024;
const CLOSE_MAX_MS = 1_000;

export interface FrameReaderOptions {
  socket: WebSocket;
  session: DeviceSession;
  onFault(error: unknown): void;
}

export class FrameReader {
  readonly #options: FrameReaderOptions;
  #waiting: Array<Buffer | undefined> = [];
  #isRunning = false;
  #isEnded = false;
  #invalid = 0;

  constructor(options: FrameReaderOptions) {
    this.#options = options;
  }

  /** Adds a frame. undefined: a binary message. */
  add(payload: Buffer | undefined): void {
    if (this.#isEnded) return;
    this.#waiting.push(payload);
    if (this.#waiting.length >= WAITING_MAX) this.#options.socket.pause();
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#run()
      .catch(this.#options.onFault)
      .finally(() => {
        this.#isRunning = false;
      });
  }

  /** Call for each ping: the automatic responses are buffered too. */
  checkUnread(): void {
    if (this.#options.socket.bufferedAmount > UNREAD_MAX_BYTES) this.#end('does not read');
  }

  async #run(): Promise<void> {
    const { socket, session } = this.#options;
    while (this.#waiting.length > 0) {
      const frames = this.#waiting.splice(0, FRAMES_PER_TURN);
      for (const payload of frames) {
        if (!(await this.#apply(payload))) this.#invalid += 1;
        if (session.isEnded || this.#invalid > INVALID_MAX) this.#end('too many invalid frames');
        this.checkUnread();
        if (this.#isEnded) return;
      }
      if (this.#waiting.length < WAITING_MAX && socket.isPaused) socket.resume();
      if (this.#waiting.length > 0) await nextTurn();
    }
  }

  #apply(payload: Buffer | undefined): Promise<boolean> {
    const { session } = this.#options;
    const frame = payload === undefined ? undefined : parseFrame(payload);
    if (frame !== undefined) return session.receive(frame);
    session.send({
      type: 'error',
      code: 'invalid_json',
      message: 'A frame must be one JSON object in a text message.',
    });
    return Promise.resolve(false);
  }

  #end(problem: string): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#waiting = [];
    this.#options.session.endForAbuse(problem);
    // A device that does not read never completes the closing handshake.
    this.#options.socket.resume();
    setTimeout(() => this.#options.socket.terminate(), CLOSE_MAX_MS).unref();
  }
}

function parseFrame(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString('utf8'));
  } catch {
    return undefined;
  }
}
