/**
 * Baseline: a `ws` server without compression. It responds to a hello with a welcome. A POST returns 202 and sends a
 * `deliver` frame to the last device in the same turn; nothing is stored.
 */
import { createServer } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';
import { listen } from './listen.ts';

let count = 0;
let last: WebSocket | undefined;
const sockets = new Set<WebSocket>();
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    if (request.method !== 'POST') {
      response.writeHead(200, { 'content-length': 2 }).end('{}');
      return;
    }
    const { to, from, content } = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    count += 1;
    const message = `msg_${String(count).padStart(26, '0')}`;
    const body = JSON.stringify({ id: message, status: 'queued', to, from, content, media_url: null });
    response.writeHead(202, { 'content-length': Buffer.byteLength(body) }).end(body);
    const lease = `lse_${message.slice(4)}`;
    const item = { message, lease, attempt: 1, to, from, text: content, media: [], service: 'auto' };
    const expires_at = new Date(Date.now() + 86_400_000).toISOString();
    last?.send(JSON.stringify({ type: 'deliver', items: [{ ...item, expires_at }] }));
  });
});

new WebSocketServer({ server, perMessageDeflate: false }).on('connection', (socket) => {
  sockets.add(socket);
  last = socket;
  socket.on('message', (payload) => {
    const { type, seq } = JSON.parse(String(payload));
    if (type === 'hello') socket.send(JSON.stringify({ type: 'welcome', session: 'ses', device: 'dev' }));
    if (type === 'report') socket.send(JSON.stringify({ type: 'ack', of: 'report', seq }));
  });
  socket.on('close', () => sockets.delete(socket));
});
listen(server);
