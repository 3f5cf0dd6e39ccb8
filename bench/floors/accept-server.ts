/** What the accept floors share: bare node:http that parses the JSON of a send and answers Homing's 202. */
import { createServer } from 'node:http';
import { announce } from './announce.ts';

export interface BareMessage {
  id: string;
  to: string;
  from: string;
  content: string;
  at: number;
}

export function acceptServer(keep: (message: BareMessage, done: () => void) => void): void {
  let count = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { to, from, content } = JSON.parse(Buffer.concat(chunks).toString('utf8'));
      count += 1;
      const message = { id: `msg_${String(count).padStart(26, '0')}`, to, from, content, at: Date.now() };
      keep(message, () => {
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
  announce(server);
}
