/**
 * Receives webhooks: returns 200 immediately, or never with the argument `hang`. Sends the number of requests to the
 * parent process when it receives a message from it.
 */
import { createServer } from 'node:http';
import { listen } from './listen.ts';

let received = 0;
const hangs = process.argv[2] === 'hang';
listen(
  createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      received += 1;
      if (!hangs) response.writeHead(200, { 'content-length': 2 }).end('ok');
    });
  }),
);
process.on('message', () => process.send?.({ received }));
