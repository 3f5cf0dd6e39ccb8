// Lists the newest inbound messages, oldest first.
//
//   node examples/receive.mjs 20
import { createHoming } from 'homing-client';

const limit = Number(process.argv[2] ?? 20);
const homing = createHoming({
  url: process.env.HOMING_URL ?? 'http://127.0.0.1:8080',
  key: process.env.HOMING_KEY,
});

const { messages } = await homing.messages.list({ direction: 'inbound', limit });
for (const { from, to, content } of messages.toReversed()) {
  console.log(`${from} → ${to}: ${content}`);
}

// `homing.messages.all({ direction: 'inbound' })` iterates over every page.
// `homing.events()` waits for new messages: see two-way-bot.mjs.
