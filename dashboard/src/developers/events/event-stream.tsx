/** Shows the events of the environment as they happen, like the event stream of the API. */
import IconPause from 'icon:player-pause';
import IconResume from 'icon:player-play';
import { Accordion, Button } from '@mantine/core';
import { CodeBlock, CodeLine } from '../../ui/code.tsx';
import { countOf } from '../../ui/count-of.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Section } from '../../ui/page.tsx';
import { prettyJson } from '../../ui/pretty-json.ts';
import { Status } from '../../ui/status.tsx';
import { formatExact } from '../../ui/time.tsx';
import { apiUrl } from '../api-url.ts';
import styles from '../developers.module.css';
import { type StreamedEvent, useEvents } from './use-events.ts';

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium', hourCycle: 'h23' });

export function EventStream() {
  const { events, waitingCount, isPaused, state, pause, resume, clear } = useEvents();
  return (
    <Section
      title="Event stream"
      about="Events as they happen, from when you opened this page. A program receives events of messages and opt-outs with GET /v1/events, and others with types=. No event is lost when it reconnects."
      actions={
        <>
          <Button
            variant="default"
            leftSection={isPaused ? <IconResume size={16} /> : <IconPause size={16} />}
            onClick={isPaused ? resume : pause}
          >
            {isPaused ? (waitingCount > 0 ? `Show ${waitingCount} new` : 'Resume') : 'Pause'}
          </Button>
          <Button variant="default" disabled={events.length + waitingCount === 0} onClick={clear}>
            Clear
          </Button>
        </>
      }
    >
      <CodeLine
        text={`curl -sSN ${apiUrl()}/v1/events -H "X-API-Key: $HOMING_KEY"`}
        label="Copy the command"
      />
      <div className={styles.streamState} role="status">
        {isPaused ? (
          <Status kind="waiting">Paused</Status>
        ) : state === 'open' ? (
          <Status kind="good">Connected</Status>
        ) : (
          <Status kind="waiting">{state === 'lost' ? 'No connection. Trying again…' : 'Connecting…'}</Status>
        )}
        {events.length > 0 && <span className={styles.note}>{countOf(events.length, 'event')}</span>}
      </div>
      {events.length === 0 ? (
        <EmptyState title={isPaused ? 'Paused' : 'Waiting for events'}>
          Send a message, or write to one of your numbers.
        </EmptyState>
      ) : (
        <Accordion variant="default" chevronPosition="left" aria-label="Events">
          {events.map((event) => (
            <EventRow key={event.id} event={event} />
          ))}
        </Accordion>
      )}
    </Section>
  );
}

function EventRow({ event: { id, type, at, data } }: { event: StreamedEvent }) {
  return (
    <Accordion.Item value={id}>
      <Accordion.Control>
        <span className={styles.row}>
          <code className={styles.rowMain}>{type}</code>
          <span className={styles.rowText} dir="auto">
            {contentOf(data)}
          </span>
          <time className={styles.rowMeta} dateTime={new Date(at).toISOString()} title={formatExact(at)}>
            {clock.format(at)}
          </time>
        </span>
      </Accordion.Control>
      <Accordion.Panel>
        <CodeBlock text={prettyJson(data)} label="Event" />
      </Accordion.Panel>
    </Accordion.Item>
  );
}

function contentOf(json: string): string {
  const { data } = JSON.parse(json) as { data?: { content?: string | null; phone_number?: string } };
  return data?.content ?? data?.phone_number ?? '';
}
