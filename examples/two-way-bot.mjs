// Replies to inbound messages that contain a keyword. Needs no public address: it reads the event stream.
//
//   node examples/two-way-bot.mjs
import { createHoming, HomingApiError } from 'homing-client';

// A reply must not contain a keyword: two bots would then reply to each other forever.
const REPLIES = {
  hours: 'We are open from 9:00 to 17:00.',
  address: 'You find us at 1 Main Street.',
};
const homing = createHoming({
  url: process.env.HOMING_URL ?? 'http://127.0.0.1:8080',
  key: process.env.HOMING_KEY,
});

// The client reconnects with the id of the last event, so a broken connection loses nothing.
for await (const { data } of homing.events({ types: ['message.received'] })) {
  const keyword = Object.keys(REPLIES).find((word) => data.content.toLowerCase().includes(word));
  if (keyword === undefined) continue;
  try {
    await homing.messages.send(
      { to: data.from, from: data.to, content: REPLIES[keyword] },
      // The id of the inbound message: one reply to each message, even if its event arrives twice.
      { idempotencyKey: `reply-${data.id}` },
    );
    console.log(`${data.from}: ${data.content} → ${REPLIES[keyword]}`);
  } catch (error) {
    // For example `forbidden`: the recipient has opted out.
    if (!(error instanceof HomingApiError)) throw error;
    console.error(`${data.from}: ${error.code}: ${error.message}`);
  }
}
