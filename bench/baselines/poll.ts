/** Baseline: a node:http server that responds immediately to a poll with frames, and never to a poll without frames. */
import { createServer, type ServerResponse } from 'node:http';
import { listen } from './listen.ts';

const parked = new Set<ServerResponse>();
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const poll = chunks.length === 0 ? undefined : JSON.parse(Buffer.concat(chunks).toString('utf8'));
    if (poll === undefined || poll.frames.length > 0) {
      const body = JSON.stringify({ session: 'ses', answer: 1, frames: [] });
      response.writeHead(200, { 'content-length': Buffer.byteLength(body) }).end(body);
      return;
    }
    parked.add(response);
    response.once('close', () => parked.delete(response));
  });
});
listen(server);
