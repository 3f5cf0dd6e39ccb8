/** Leads through the first run: a device, a test message, a key and a webhook. */
import IconDone from 'icon:circle-check';
import IconOpen from 'icon:circle-dashed';
import { Button } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'wouter';
import type { Overview } from '../api/types.ts';
import { Section } from '../ui/page.tsx';
import { viewPath } from '../ui/view-path.ts';
import styles from './overview.module.css';
import { TestMessageDialog } from './test-message-dialog.tsx';

interface Step {
  isDone: boolean;
  name: string;
  about: string;
  action: string;
  /** Undefined: the dialog for a test message. */
  path?: string;
}

export function Checklist({ checklist }: { checklist: Overview['checklist'] }) {
  const [isTesting, setTesting] = useState(false);
  const { deviceIsPaired, hasSentMessage, hasCreatedKey, hasWebhook } = checklist;
  const steps: readonly Step[] = [
    {
      ...{ isDone: deviceIsPaired, name: 'Pair a device', action: 'Pair a device', path: '/devices?pair=1' },
      about: 'The iPhone or the Mac that owns your number sends and receives the messages.',
    },
    {
      ...{ isDone: hasSentMessage, name: 'Send a test message', action: 'Send test message' },
      about: 'See that it arrives.',
    },
    {
      ...{ isDone: hasCreatedKey, name: 'Create an API key', action: 'Create key' },
      ...{ path: '/developers/keys?new=1', about: 'Your program sends messages with it.' },
    },
    {
      ...{ isDone: hasWebhook, name: 'Add a webhook', action: 'Add webhook' },
      ...{ path: '/developers/webhooks?new=1', about: 'Your program receives messages with it.' },
    },
  ];
  const next = steps.find(({ isDone }) => !isDone);
  return (
    <Section
      title="First steps"
      about={`${steps.filter(({ isDone }) => isDone).length} of ${steps.length} done`}
    >
      <ol className={styles.steps}>
        {steps.map((step) => (
          <li key={step.name} data-done={step.isDone || undefined}>
            {step.isDone ? <IconDone size={20} /> : <IconOpen size={20} />}
            <span className={styles.stepText}>
              <b>{step.name}</b>
              <span>{step.isDone ? 'Done' : step.about}</span>
            </span>
            {!step.isDone && (
              <StepButton step={step} isNext={step === next} onTest={() => setTesting(true)} />
            )}
          </li>
        ))}
      </ol>
      {isTesting && <TestMessageDialog onClose={() => setTesting(false)} />}
    </Section>
  );
}

function StepButton({
  step: { action, path },
  isNext,
  onTest,
}: {
  step: Step;
  isNext: boolean;
  onTest(): void;
}) {
  const variant = isNext ? 'filled' : 'default';
  return path === undefined ? (
    <Button variant={variant} onClick={onTest}>
      {action}
    </Button>
  ) : (
    <Button variant={variant} component={Link} href={viewPath(path)}>
      {action}
    </Button>
  );
}
