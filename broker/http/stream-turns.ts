/**
 * Lets the event loop run between the chunks of a streamed response. Reads of SQLite never wait, and a fast client takes
 * every chunk at once, so that a long export would otherwise run in one turn.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';

export function inTurns(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]() {
      const source = chunks[Symbol.asyncIterator]();
      return {
        async next() {
          const chunk = await source.next();
          await nextTurn();
          return chunk;
        },
        async return() {
          await source.return?.();
          return { done: true, value: undefined };
        },
      };
    },
  };
}
