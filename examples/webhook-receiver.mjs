// Receives webhooks, verifies their signature and prints each event.
//
//   WEBHOOK_SECRET=whsec_… PORT=3000 node examples/webhook-receiver.mjs
//
// POST /v1/webhooks returns the secret when you create the webhook.
import { createServer } from 'node:http';
import { createHoming, HomingApiError } from 'homing-client';

const homing = createHoming({
  url: process.env.HOMING_URL ?? 'http://127.0.0.1:8080',
  key: process.env.HOMING_KEY,
});

createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  // The signature covers the exact bytes of the body: verify before you parse.
  const event = await homing.webhooks
    .verify(Buffer.concat(chunks), request.headers, process.env.WEBHOOK_SECRET)
    .catch((error) => {
      if (!(error instanceof HomingApiError)) throw error;
    });
  // Respond first and work later: a delivery without a 2xx status within 10 seconds is retried.
  response.writeHead(event === undefined ? 401 : 204).end();
  if (event === undefined) return;
  // A retry has the same event.id. Store the id to skip an event that you have processed.
  console.log(event.type, event.data.content);
}).listen(process.env.PORT ?? 3000, '127.0.0.1');
