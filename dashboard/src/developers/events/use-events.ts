/** Follows the event stream of the environment and keeps its latest events, newest first. */
import { useEffect, useState } from 'react';
import { API } from '../../api/request.ts';
import type { EventType } from '../../api/types.ts';
import { useEnvironment } from '../../shell/environment.tsx';

export interface StreamedEvent {
  id: string;
  type: string;
  at: number;
  /** JSON. */
  data: string;
}

const TYPES = [
  'message.received',
  'message.sent',
  'message.delivered',
  'message.failed',
  'message.reaction',
  'message.edited',
  'message.unsent',
  'message.read',
  'conversation.created',
  // The name of changes of a group in the API.
  'conversation.updated',
  'action.failed',
  'device.online',
  'device.offline',
  'device.problem',
  'typing.started',
  'typing.stopped',
  'opt_out.created',
  'opt_in.created',
] as const satisfies readonly EventType[];
const EVENTS_MAX = 200;
const RECONNECT_MS = 3_000;
const NOTHING = {
  events: [] as readonly StreamedEvent[],
  /** Those that came while the list was paused. */
  waiting: [] as readonly StreamedEvent[],
  isPaused: false,
};

export function useEvents() {
  const environment = useEnvironment();
  const [{ events, waiting, isPaused }, change] = useState(NOTHING);
  const [state, setState] = useState<'connecting' | 'open' | 'lost'>('connecting');
  useEffect(() => {
    let source: EventSource | undefined;
    let reconnecting: ReturnType<typeof setTimeout> | undefined;
    const add = ({ type, data }: MessageEvent<string>) => {
      // Events that are not stored have an id in their data only.
      const { id } = JSON.parse(data) as { id: string };
      const event = { id, type, at: Date.now(), data };
      change((known) => {
        const list = known.isPaused ? 'waiting' : 'events';
        return { ...known, [list]: [event, ...known[list]].slice(0, EVENTS_MAX) };
      });
    };
    const connect = () => {
      source = new EventSource(`${API}/${environment}/event-stream`);
      for (const type of TYPES) source.addEventListener(type, add);
      source.onopen = () => setState('open');
      source.onerror = () => {
        setState('lost');
        if (source?.readyState === EventSource.CLOSED) reconnecting = setTimeout(connect, RECONNECT_MS);
      };
    };
    connect();
    return () => {
      clearTimeout(reconnecting);
      source?.close();
    };
  }, [environment]);
  const pause = () => change((known) => ({ ...known, isPaused: true }));
  const resume = () =>
    change((known) => ({
      events: [...known.waiting, ...known.events].slice(0, EVENTS_MAX),
      waiting: [],
      isPaused: false,
    }));
  const clear = () => change(({ isPaused: stays }) => ({ ...NOTHING, isPaused: stays }));
  return { events, waitingCount: waiting.length, isPaused, state, pause, resume, clear };
}
