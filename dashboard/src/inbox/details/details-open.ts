/** Remembers whether the details are shown. Closed at first where there is little space. */
import { useState } from 'react';

const KEY = 'homing.details';
const WIDE = 1_400;

export function useDetailsOpen(): [boolean, (isOpen: boolean) => void] {
  const [isOpen, setOpen] = useState(() => {
    if (window.innerWidth < 1_024) return false;
    const stored = localStorage.getItem(KEY);
    return stored === null ? window.innerWidth >= WIDE : stored === 'open';
  });
  return [
    isOpen,
    (next) => {
      if (window.innerWidth >= 1_024) localStorage.setItem(KEY, next ? 'open' : 'closed');
      setOpen(next);
    },
  ];
}
