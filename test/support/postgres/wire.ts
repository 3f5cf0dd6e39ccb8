/** Reads and writes the messages of PostgreSQL's protocol 3. See "Message Formats" in its manual. */

export interface Frame {
  /** Empty for the messages of the startup, which have no type. */
  type: string;
  /** The whole message, with type and length. */
  bytes: Buffer;
}

/** Parameters of the startup message by name. */
export type Startup = Record<string, string>;

const SSL_REQUEST = 80_877_103;
const GSS_REQUEST = 80_877_104;
const CANCEL_REQUEST = 80_877_102;

/** Splits the bytes of a connection into messages. */
export class FrameReader {
  readonly #typeBytes: number;
  #bytes = Buffer.alloc(0);

  constructor(phase: 'startup' | 'messages') {
    this.#typeBytes = phase === 'startup' ? 0 : 1;
  }

  read(chunk: Buffer): Frame[] {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    const frames: Frame[] = [];
    for (let start = 0; ; ) {
      const header = start + this.#typeBytes;
      const end = this.#bytes.length < header + 4 ? Infinity : header + this.#bytes.readUInt32BE(header);
      if (end > this.#bytes.length) {
        this.#bytes = this.#bytes.subarray(start);
        return frames;
      }
      const bytes = this.#bytes.subarray(start, end);
      frames.push({ type: bytes.toString('latin1', 0, this.#typeBytes), bytes });
      start = end;
    }
  }
}

export function frame(type: string, body: Buffer): Buffer {
  const header = Buffer.alloc(5);
  header.write(type, 'latin1');
  header.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([header, body]);
}

export function errorResponse(code: string, message: string): Buffer {
  return frame('E', Buffer.from(`SFATAL\0VFATAL\0C${code}\0M${message}\0\0`));
}

/** Reads the first message of a client. */
export function readStartup({ bytes }: Frame): Startup | 'encryption' | 'cancel' {
  const code = bytes.readUInt32BE(4);
  if (code === SSL_REQUEST || code === GSS_REQUEST) return 'encryption';
  if (code === CANCEL_REQUEST) return 'cancel';
  const texts = bytes.toString('utf8', 8).split('\0');
  const startup: Startup = {};
  for (let index = 0; texts[index]; index += 2) startup[texts[index] ?? ''] = texts[index + 1] ?? '';
  return startup;
}
