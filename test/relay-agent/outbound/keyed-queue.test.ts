import { describe, expect, it } from 'vitest';
import { KeyedQueue } from '../../../relay-agent/outbound/keyed-queue.ts';

describe('turns', () => {
  function start(isOver: (item: string) => boolean = () => false) {
    const begun: string[] = [];
    const turns = new KeyedQueue<string>((item) => {
      if (isOver(item)) return false;
      begun.push(item);
      return true;
    });
    return { turns, begun };
  }

  it('are one at a time for each person, in order, whatever others do', () => {
    const { turns, begun } = start();
    turns.put('a', 'a1');
    turns.put('a', 'a2');
    turns.putFirst('a', 'a0');
    turns.put('b', 'b1');
    expect(begun).toEqual([]);
    turns.start();
    expect(begun).toEqual(['a0', 'b1']);
    turns.put('a', 'a3');
    turns.end('a', 'a0');
    turns.end('a', 'a1');
    turns.end('a', 'a2');
    expect(begun).toEqual(['a0', 'b1', 'a1', 'a2', 'a3']);
  });

  it('end only for whom they are', () => {
    const { turns, begun } = start();
    turns.start();
    turns.put('a', 'a1');
    turns.put('a', 'a2');
    turns.end('a', 'a2');
    turns.end('b', 'a1');
    expect(begun).toEqual(['a1']);
  });

  it('pass over what is over, and begin nothing after a stop', () => {
    const { turns, begun } = start((item) => item === 'a1');
    turns.put('a', 'a1');
    turns.put('a', 'a2');
    turns.put('a', 'a3');
    turns.start();
    expect(begun).toEqual(['a2']);
    turns.stop();
    turns.end('a', 'a2');
    expect(begun).toEqual(['a2']);
  });
});
