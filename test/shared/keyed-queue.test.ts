import { describe, expect, it } from 'vitest';
import { KeyedQueue } from '../../shared/keyed-queue.ts';

describe('a keyed queue', () => {
  function create(isSkipped: (item: string) => boolean = () => false) {
    const begun: string[] = [];
    const queue = new KeyedQueue<string>();
    const start = () =>
      queue.start((item) => {
        if (isSkipped(item)) return false;
        begun.push(item);
        return true;
      });
    return { queue, begun, start };
  }

  it('a keyed queue runs one item at a time for each key, in order and independently of other keys', () => {
    const { queue, begun, start } = create();
    queue.add('a', 'a1');
    queue.add('a', 'a2');
    queue.addFirst('a', 'a0');
    queue.add('b', 'b1');
    expect(begun).toEqual([]);
    start();
    expect(begun).toEqual(['a0', 'b1']);
    queue.add('a', 'a3');
    queue.end('a', 'a0');
    queue.end('a', 'a1');
    queue.end('a', 'a2');
    expect(begun).toEqual(['a0', 'b1', 'a1', 'a2', 'a3']);
  });

  it('a keyed queue ignores the end of an item that is not running', () => {
    const { queue, begun, start } = create();
    start();
    queue.add('a', 'a1');
    queue.add('a', 'a2');
    queue.end('a', 'a2');
    queue.end('b', 'a1');
    expect(begun).toEqual(['a1']);
  });

  it('a keyed queue skips items whose start returns false, and starts none after stop', () => {
    const { queue, begun, start } = create((item) => item === 'a1');
    queue.add('a', 'a1');
    queue.add('a', 'a2');
    queue.add('a', 'a3');
    start();
    expect(begun).toEqual(['a2']);
    queue.stop();
    queue.end('a', 'a2');
    expect(begun).toEqual(['a2']);
  });
});
