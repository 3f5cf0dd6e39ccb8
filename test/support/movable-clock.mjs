// Loaded before the program with `--import`. Moves its system clock by the milliseconds in the file HOMING_TEST_CLOCK;
// the monotonic clock stays, as on a machine whose time is set.
import { readFileSync } from 'node:fs';

const file = process.env.HOMING_TEST_CLOCK ?? '';
const RealDate = Date;
const realNow = Date.now;
let offset = 0;
const read = () => {
  try {
    offset = Number(readFileSync(file, 'utf8')) || 0;
  } catch {
    // The test has not moved the clock yet.
  }
};
read();
setInterval(read, 5).unref();
Date.now = () => realNow() + offset;
globalThis.Date = new Proxy(RealDate, {
  construct: (target, args) => (args.length === 0 ? new target(target.now()) : new target(...args)),
});
