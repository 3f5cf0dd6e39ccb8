/** Parses the JSON of a send with node:http and returns Homing's 202. Shared by the accept baselines. */
import { createServer } from 'node:http';
import { listen } from './listen.ts';

export interface BareMessage {
  id: string;
  to: string;
  from: string;
  content: string;
  at: number;
}

export function acceptServer(store: (message: BareMessage, done: () => void) => void): void {
  let count = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { to, from, content } = JSON.parse(Buffer.concat(chunks).toString('utf8'));
      count += 1;
      const message = { id: `msg_${String(count).padStart(26, '0')}`, to, from, content, at: Date.now() };
      store(message, () => {
        const body = JSON.stringify({
          id: message.id,
          status: 'queued',
          to,
          from,
          content,
          media_url: null,
          created_at: new Date(message.at).toISOString(),
        });
        response
          .writeHead(202, {
            'content-type': 'application/json; charset=utf-8',
            'content-length': Buffer.byteLength(body),
          })
          .end(body);
      });
    });
  });
  listen(server);
}
