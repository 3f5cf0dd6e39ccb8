/** Shows short messages at the bottom of the page: a problem, or something that was done, with a way to undo it. */
import { type ComponentType, useEffect, useState } from 'react';
import { problemText } from './problem.tsx';
import type { Toast } from './toast-area.tsx';

const load = () => import('./toast-area.tsx');
const IDLE_MS = 1_000;

let requestArea = () => {};

/** Mounts the place of the messages when the page is idle, or when the first message appears. */
export function Toasts() {
  const [Area, setArea] = useState<ComponentType>();
  useEffect(() => {
    requestArea = () => {
      // Without a connection the next message tries again.
      load()
        .then(({ ToastArea }) => setArea(() => ToastArea))
        .catch(() => {});
    };
    const timer = setTimeout(requestArea, IDLE_MS);
    return () => clearTimeout(timer);
  }, []);
  return Area === undefined ? null : <Area />;
}

export function showProblem(error: unknown): void {
  show({ message: error instanceof Error ? problemText(error) : String(error), isProblem: true });
}

export function showDone(message: string, undo?: () => void): void {
  show({ message, undo });
}

function show(toast: Toast): void {
  requestArea();
  load()
    .then(({ showToast }) => showToast(toast))
    .catch(() => {});
}
