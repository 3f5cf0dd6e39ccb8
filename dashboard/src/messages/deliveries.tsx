/** Shows the deliveries of a message's events to webhooks: each attempt with its response, and the request. */
import { Accordion } from '@mantine/core';
import type { MessageDelivery } from '../api/types.ts';
import { CodeBlock } from '../ui/code.tsx';
import { prettyJson } from '../ui/pretty-json.ts';
import { Status } from '../ui/status.tsx';
import { Time } from '../ui/time.tsx';
import styles from './messages.module.css';

export function Deliveries({ deliveries }: { deliveries: readonly MessageDelivery[] }) {
  if (deliveries.length === 0) return null;
  return (
    <Accordion variant="default" chevronPosition="left">
      {deliveries.map((one) => (
        <Accordion.Item key={one.delivery.id} value={one.delivery.id}>
          <Accordion.Control>
            <span className={styles.delivery}>
              <DeliveryStatus status={one.delivery.status} />
              <code>{one.delivery.type}</code>
              <span className={styles.url}>{one.webhook.url}</span>
            </span>
          </Accordion.Control>
          <Accordion.Panel>
            <Attempts {...one} />
          </Accordion.Panel>
        </Accordion.Item>
      ))}
    </Accordion>
  );
}

export function DeliveryStatus({ status }: { status: 'pending' | 'delivered' | 'failed' }) {
  if (status === 'delivered') return <Status kind="good">Delivered</Status>;
  if (status === 'failed') return <Status kind="bad">Failed</Status>;
  return <Status kind="waiting">Pending</Status>;
}

export function Attempts({ history, request }: Pick<MessageDelivery, 'history' | 'request'>) {
  return (
    <div className={styles.attempts}>
      {history.length === 0 && <p>No attempt yet.</p>}
      <ol>
        {history.map((attempt) => {
          const isGood = attempt.statusCode !== null && attempt.statusCode >= 200 && attempt.statusCode < 300;
          return (
            <li key={attempt.at}>
              <Status kind={isGood ? 'good' : 'bad'}>
                {attempt.statusCode === null ? 'No response' : `Status ${attempt.statusCode}`}
              </Status>{' '}
              after {attempt.durationMs} ms · <Time at={attempt.at} form="exact" />
              {attempt.answer !== '' && <CodeBlock text={attempt.answer} label="Response" />}
            </li>
          );
        })}
      </ol>
      {request !== null && (
        <CodeBlock
          label="Request"
          text={`${request.method} ${request.url}\n${Object.entries(request.headers)
            .map(([name, value]) => `${name}: ${value}`)
            .join('\n')}\n\n${prettyJson(request.body)}`}
        />
      )}
    </div>
  );
}
