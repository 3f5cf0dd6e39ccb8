/** Hands out as much of what is queued as the pace of its number allows, and holds back what has to wait by itself. */

import type { Message } from '../model/message.ts';
import type { NumberPace } from './rate-limiter.ts';

/** So many are looked at in one step, so that a long queue of what is held back holds up nobody else. */
const LOOK_MAX = 200;

export interface Queue {
  /** The next messages in order; what was given or held back is not among them. */
  next(limit: number): Promise<Message[]>;
  /** False: there is no room for it. */
  give(message: Message): Promise<boolean>;
  room(): number;
}

export interface PacedHandOut {
  /** When the number may go on (epoch ms); null: it is not its pace that it waits for. */
  until: number | null;
  /** It stopped because it had looked at so many, not because there is nothing more. */
  isMore: boolean;
}

export async function handOutPaced(pace: NumberPace, queue: Queue): Promise<PacedHandOut> {
  const gate = await pace.gate();
  let { room } = gate;
  let looked = 0;
  let hasGiven = false;
  while (room > 0 && queue.room() > 0 && looked < LOOK_MAX) {
    const found = await queue.next(Math.min(room, queue.room()));
    if (found.length === 0) break;
    looked += found.length;
    for (const message of found) {
      const verdict = await pace.verdict(message);
      if (verdict.kind === 'hold') {
        await pace.defer(message, verdict);
        continue;
      }
      if (!(await queue.give(message))) break;
      await pace.handedOut(message, verdict.isNewContact);
      hasGiven = true;
      room -= 1;
    }
  }
  if (hasGiven) await pace.settle();
  if (room > 0) return { until: null, isMore: looked >= LOOK_MAX };
  return { until: hasGiven ? (await pace.gate()).until : gate.until, isMore: false };
}
