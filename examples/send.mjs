// Sends one message and waits until it is delivered.
//
//   node examples/send.mjs +15005550010 "Your order has shipped."
import { createHoming, HomingApiError } from 'homing-client';

const [to = '+15005550010', content = 'Your order has shipped.'] = process.argv.slice(2);
const homing = createHoming({
  url: process.env.HOMING_URL ?? 'http://127.0.0.1:8080',
  key: process.env.HOMING_KEY,
});

try {
  // The client adds an Idempotency-Key, so a retry after a broken connection does not send twice.
  // A live key needs `from`, one of your numbers. A test key accepts a message without it.
  const sent = await homing.messages.send({ to, content, from: process.env.HOMING_FROM });
  console.log(sent.id, sent.status);
  const message = await homing.messages.waitUntil(sent.id, 'delivered');
  console.log(message.id, message.status);
} catch (error) {
  if (!(error instanceof HomingApiError)) throw error;
  console.error(`${error.code}: ${error.message}`);
  process.exitCode = 1;
}
