/** Shows how much a number may still send, and changes its pace. */

import { Progress, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNumbers } from '../api/numbers.ts';
import type { NumberUsage } from '../api/types.ts';
import { useIsOwner } from '../session/session.tsx';
import { useEnvironment, useTenantRequest } from '../shell/environment.tsx';
import { BackLink } from '../ui/back-link.tsx';
import { countOf } from '../ui/count-of.ts';
import { DetailView } from '../ui/detail-view.tsx';
import { formatHandle } from '../ui/format-handle.ts';
import { Page, Section } from '../ui/page.tsx';
import { Status } from '../ui/status.tsx';
import { formatExact } from '../ui/time.tsx';
import styles from './devices.module.css';
import { PaceForm } from './pace-form.tsx';
import { WeekGrid } from './week-grid.tsx';

const REFETCH_MS = 5_000;

const MISSING = { name: 'number', list: 'devices', href: '/' };

export function NumberDetails({ id }: { id: string }) {
  const environment = useEnvironment();
  const send = useTenantRequest();
  const { data: numbers = [] } = useNumbers();
  const number = numbers.find((one) => one.id === id);
  const query = useQuery({
    queryKey: [environment, 'usage', id],
    queryFn: ({ signal }) => send<NumberUsage>('GET', `/numbers/${id}/usage`, { signal }),
    refetchInterval: REFETCH_MS,
  });
  return (
    <DetailView query={query} missing={MISSING}>
      {(usage) => (
        <Page
          title={number?.label ?? formatHandle(usage.phoneNumber)}
          about={number?.label == null ? undefined : formatHandle(usage.phoneNumber)}
          toolbar={<BackLink href="/">All devices</BackLink>}
        >
          <Usage usage={usage} />
          <Section
            title="Sending hours"
            about={`Messages outside of these hours wait. Time zone: ${usage.pace.timeZone}.`}
          >
            <WeekGrid pace={usage.pace} />
          </Section>
          <Pace id={id} usage={usage} />
        </Page>
      )}
    </DetailView>
  );
}

function Pace({ id, usage }: { id: string; usage: NumberUsage }) {
  const isOwner = useIsOwner();
  if (!isOwner) return null;
  return (
    <Section
      title="Pace"
      about="Apple blocks accounts that write to many new people quickly. An empty field uses the default of the broker."
    >
      <PaceForm key={id} id={id} usage={usage} />
    </Section>
  );
}

function Usage({ usage: { limits, ramp, nextMessage, nextNewContact, queued } }: { usage: NumberUsage }) {
  return (
    <Section
      title="Usage"
      about={
        ramp === null
          ? undefined
          : `Day ${ramp.day} of ${ramp.days} of the ramp: a new number starts with lower limits.`
      }
    >
      <div className={styles.gauges}>
        {limits.map((limit) => (
          <Gauge key={limit.name} {...limit} />
        ))}
      </div>
      <Stack gap={4} mt="md">
        <Slot what="message" slot={nextMessage} />
        <Slot what="message to a new contact" slot={nextNewContact} />
        <div className={styles.meta}>{countOf(queued, 'message')} queued.</div>
      </Stack>
    </Section>
  );
}

function Gauge({ of, windowSeconds, used, limit, remaining }: NumberUsage['limits'][number]) {
  const share = limit === null || limit === 0 ? 0 : Math.min(100, (used / limit) * 100);
  const color = share >= 100 ? 'red' : share >= 80 ? 'yellow' : 'blue';
  const name = `${of === 'messages' ? 'Messages' : 'New contacts'} per ${windowName(windowSeconds)}`;
  return (
    <div className={styles.gauge}>
      <div className={styles.gaugeName}>{name}</div>
      <div className={styles.gaugeValue}>
        <b>{used.toLocaleString()}</b> {limit === null ? 'used, no limit' : `of ${limit.toLocaleString()}`}
      </div>
      <Progress value={share} color={color} size={6} aria-label={name} />
      <div className={styles.meta}>{remaining === null ? ' ' : `${remaining.toLocaleString()} left`}</div>
    </div>
  );
}

function Slot({ what, slot }: { what: string; slot: NumberUsage['nextMessage'] }) {
  if (slot.reason === null) {
    return (
      <Status kind="good" isSentence>
        The next {what} is sent immediately.
      </Status>
    );
  }
  return (
    <Status kind="waiting" isSentence>
      {slot.at === null ? `No ${what} is sent now` : `The next ${what} is sent at ${formatExact(slot.at)}`}:{' '}
      {slot.message}
    </Status>
  );
}

function windowName(seconds: number): string {
  const names: Record<number, string> = { 1: 'second', 60: 'minute', 3600: 'hour', 86400: 'day' };
  return names[seconds] ?? `${seconds} s`;
}
