/** A receiver of webhooks that answers 200 at once, or (with `hang`) never; asked by a message, it says how many came. */
import { createServer } from 'node:http';
import { announce } from './announce.ts';

let received = 0;
const hangs = process.argv[2] === 'hang';
announce(
  createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      received += 1;
      if (!hangs) response.writeHead(200, { 'content-length': 2 }).end('ok');
    });
  }),
);
process.on('message', () => process.send!({ received }));
