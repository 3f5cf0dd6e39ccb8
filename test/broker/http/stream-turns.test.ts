import { expect, it } from 'vitest';
import { inTurns } from '../../../broker/http/stream-turns.ts';
import { countTurns } from '../../support/count-turns.ts';

async function* manyChunks(onClose = () => {}): AsyncGenerator<Uint8Array> {
  try {
    for (let chunk = 0; chunk < 100; chunk += 1) yield Buffer.from(`${chunk},`);
  } finally {
    onClose();
  }
}

it('the event loop runs between two chunks of a streamed response', async () => {
  let text = '';
  const turns = await countTurns(async () => {
    for await (const chunk of inTurns(manyChunks())) text += Buffer.from(chunk).toString();
  });
  expect(text.split(',')).toHaveLength(101);
  expect(turns).toBeGreaterThanOrEqual(100);
});

it('an aborted response ends its source', async () => {
  let isClosed = false;
  for await (const _ of inTurns(manyChunks(() => (isClosed = true)))) break;
  expect(isClosed).toBe(true);
});
