/** Lists the numbers, the devices of each, and what needs attention. */

import IconDevices from 'icon:device-mobile';
import IconPair from 'icon:plus';
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useSearchParams } from 'wouter';
import type { NumberList as Numbers, OwnNumber } from '../api/types.ts';
import { useIsOwner } from '../session/session.tsx';
import { useEnvironment, useTenantRequest } from '../shell/environment.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { formatHandle } from '../ui/format-handle.ts';
import { Page } from '../ui/page.tsx';
import { QueryView } from '../ui/query-view.tsx';
import { DeviceRow } from './device-row.tsx';
import styles from './devices.module.css';
import { NumberMenu } from './number-menu.tsx';
import { NumberState } from './number-state.tsx';
import { PairDialog } from './pair-dialog.tsx';

/** The state of a connected device is not an event of the live stream. */
const REFETCH_MS = 5_000;

export function NumberList() {
  const environment = useEnvironment();
  const send = useTenantRequest();
  const isOwner = useIsOwner();
  const [params, setParams] = useSearchParams();
  const isPairing = params.get('pair') !== null && isOwner && environment === 'live';
  const [phoneNumber, setPhoneNumber] = useState('');
  const query = useQuery({
    queryKey: [environment, 'numbers'],
    queryFn: ({ signal }) => send<Numbers>('GET', '/numbers', { signal }),
    refetchInterval: REFETCH_MS,
  });
  const pair = (number = '') => {
    setPhoneNumber(number);
    setParams({ pair: '1' });
  };
  const pairButton = isOwner && environment === 'live' && (
    <Button leftSection={<IconPair size={16} />} onClick={() => pair()}>
      Pair a device
    </Button>
  );
  return (
    <Page
      title="Devices"
      about={
        environment === 'test'
          ? 'The sandbox has numbers with a simulated device. Leave the sandbox to pair your own.'
          : 'Your iPhones and Macs send and receive for your numbers.'
      }
      actions={pairButton}
    >
      <QueryView query={query}>
        {({ numbers, version }) =>
          numbers.length === 0 ? (
            <EmptyState
              icon={<IconDevices size={20} color="var(--gray)" />}
              title="No device yet"
              action={pairButton}
            >
              Pair the iPhone or the Mac that owns your number. It takes about two minutes.
            </EmptyState>
          ) : (
            numbers.map((number) => (
              <NumberBlock
                key={number.id}
                number={number}
                version={version}
                onPair={() => pair(number.phoneNumber)}
              />
            ))
          )
        }
      </QueryView>
      {isPairing && <PairDialog phoneNumber={phoneNumber} onClose={() => setParams({})} />}
    </Page>
  );
}

function NumberBlock({ number, version, onPair }: { number: OwnNumber; version: string; onPair(): void }) {
  const { id, phoneNumber, label, queued, messagesToday, devices, state } = number;
  const isOwner = useIsOwner();
  return (
    <section className={styles.number}>
      <header className={styles.head}>
        <div className={styles.names}>
          <h2 className={styles.phone}>
            <Link href={`/${id}`}>{label ?? formatHandle(phoneNumber)}</Link>
          </h2>
          <NumberState number={number} />
          {label !== null && <span className={styles.meta}>{formatHandle(phoneNumber)}</span>}
        </div>
        <div className={styles.figures}>
          <span>
            <b>{messagesToday.toLocaleString()}</b> sent today
          </span>
          <span>
            <b>{queued.toLocaleString()}</b> queued
          </span>
          <Button component={Link} href={`/${id}`} variant="default" size="compact-sm">
            Pace
          </Button>
          {isOwner && <NumberMenu number={number} onPair={onPair} />}
        </div>
      </header>
      {devices.map((device) => (
        <DeviceRow key={device.id} device={device} version={version} />
      ))}
      {devices.length === 0 && state === 'unpaired' && (
        <div className={styles.none}>
          No device sends for this number.{' '}
          {isOwner && (
            <Button variant="light" size="compact-sm" onClick={onPair}>
              Pair a device
            </Button>
          )}
        </div>
      )}
    </section>
  );
}
