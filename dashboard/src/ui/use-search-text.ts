/**
 * Binds a search field to a parameter of the address. The address follows the field after a pause in typing, and the
 * field follows the address when a link or the back button changes it.
 */
import { useEffect, useEffectEvent, useState } from 'react';
import { useSearchParams } from 'wouter';

const PARAM = 'search';

/** `settled` is the text of the address. */
export function useSearchText(pauseMs: number): {
  text: string;
  settled: string;
  setText(text: string): void;
} {
  const [params, setParams] = useSearchParams();
  const settled = params.get(PARAM) ?? '';
  const [text, setText] = useState(settled);
  const [written, setWritten] = useState(settled);
  const [seen, setSeen] = useState(settled);
  // Adjusted during rendering, as React recommends for derived state.
  if (seen !== settled) {
    setSeen(settled);
    if (settled !== written) {
      setText(settled);
      setWritten(settled);
    }
  }
  const write = useEffectEvent((next: string) => {
    setWritten(next);
    setParams(
      (current) => {
        const changed = new URLSearchParams(current);
        if (next === '') changed.delete(PARAM);
        else changed.set(PARAM, next);
        return changed;
      },
      { replace: true },
    );
  });
  const trimmed = text.trim();
  useEffect(() => {
    if (trimmed === settled) return;
    const timer = setTimeout(() => write(trimmed), pauseMs);
    return () => clearTimeout(timer);
  }, [trimmed, settled, pauseMs]);
  return { text, settled, setText };
}
