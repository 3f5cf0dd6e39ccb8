/**
 * Handles the keyboard: `g` and a letter opens a view, `?` shows the list, ⌘K opens the command palette. A view adds its
 * own keys with `useShortcuts`. No key works while the focus is in a field, except those with ⌘ or Ctrl.
 */
import { createContext, lazy, type ReactNode, useContext, useEffect, useMemo, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { Overlay } from '../ui/overlay.tsx';
import { VIEWS } from './views.ts';

export interface Shortcut {
  /** As in KeyboardEvent.key. */
  key: string;
  /** With ⌘ on a Mac, Ctrl elsewhere. */
  isCommand?: boolean;
  description: string;
  run(): void;
}

interface Keyboard {
  showShortcuts(): void;
  register(shortcuts: readonly Shortcut[]): () => void;
  active(): readonly Shortcut[];
}

const KeyboardContext = createContext<Keyboard | undefined>(undefined);
const loadPalette = () => import('./command-palette.tsx');
const CommandPalette = lazy(loadPalette);
const ShortcutList = lazy(() => import('./shortcut-list.tsx'));
const SEQUENCE_MS = 1_000;

export const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

const isDialogOpen = () => document.querySelector('[role="dialog"]') !== null;

export function KeyboardProvider({ children }: { children: ReactNode }) {
  const [, navigate] = useLocation();
  const [isPaletteOpen, setPaletteOpen] = useState(false);
  const [isListOpen, setListOpen] = useState(false);
  const registered = useRef<Array<readonly Shortcut[]>>([]);
  const keyboard = useMemo<Keyboard>(
    () => ({
      showShortcuts: () => setListOpen(true),
      register(shortcuts) {
        registered.current.push(shortcuts);
        return () => {
          registered.current = registered.current.filter((one) => one !== shortcuts);
        };
      },
      active: () => registered.current.flat(),
    }),
    [],
  );
  useEffect(() => {
    let sequenceUntil = 0;
    const onKey = (event: KeyboardEvent) => {
      // Loads the palette before its key is pressed.
      if (event.key === 'Meta' || event.key === 'Control') void loadPalette().catch(() => {});
      const isCommand = isMac ? event.metaKey : event.ctrlKey;
      if (isCommand && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        setPaletteOpen((isOpen) => !isOpen);
        return;
      }
      if (event.defaultPrevented || isDialogOpen()) return;
      const isField = isTyping(event.target);
      if (!isCommand && (isField || event.ctrlKey || event.metaKey || event.altKey)) return;
      if (!isCommand && performance.now() < sequenceUntil) {
        sequenceUntil = 0;
        const view = VIEWS.find(({ key }) => key === event.key);
        if (view !== undefined) {
          event.preventDefault();
          navigate(view.path);
          return;
        }
      }
      if (!isCommand && event.key === 'g') {
        sequenceUntil = performance.now() + SEQUENCE_MS;
        return;
      }
      if (!isCommand && event.key === '?') {
        setListOpen(true);
        return;
      }
      const found = keyboard
        .active()
        .findLast((one) => one.key === event.key && (one.isCommand ?? false) === isCommand);
      if (found === undefined) return;
      event.preventDefault();
      found.run();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [navigate, keyboard]);
  return (
    <KeyboardContext value={keyboard}>
      {children}
      {isPaletteOpen && (
        <Overlay onFailed={() => setPaletteOpen(false)}>
          <CommandPalette onClose={() => setPaletteOpen(false)} />
        </Overlay>
      )}
      {isListOpen && (
        <Overlay onFailed={() => setListOpen(false)}>
          <ShortcutList onClose={() => setListOpen(false)} />
        </Overlay>
      )}
    </KeyboardContext>
  );
}

export function useKeyboard(): Keyboard {
  const keyboard = useContext(KeyboardContext);
  if (keyboard === undefined) throw new Error('useKeyboard needs a KeyboardProvider.');
  return keyboard;
}

/** Adds the keys of a view while it is shown. */
export function useShortcuts(shortcuts: readonly Shortcut[]): void {
  const { register } = useKeyboard();
  useEffect(() => register(shortcuts), [register, shortcuts]);
}
