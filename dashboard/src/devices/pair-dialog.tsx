/** Pairs a device: the number and the kind, then a QR code with the steps, then the state until the device is connected. */

import IconWarning from 'icon:alert-triangle';
import IconDone from 'icon:circle-check';
import { Button, Modal, SegmentedControl, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { NewPairing, PairingState } from '../api/types.ts';
import { useEnvironment, useTenantRequest } from '../shell/environment.tsx';
import { CodeLine } from '../ui/code.tsx';
import { formatHandle } from '../ui/format-handle.ts';
import { Problem } from '../ui/problem.tsx';
import { Status } from '../ui/status.tsx';
import { formatAge, useNow } from '../ui/time.tsx';
import styles from './devices.module.css';

const POLL_MS = 2_000;
const KINDS = [
  { value: 'iphone', label: 'iPhone' },
  { value: 'mac', label: 'Mac' },
];

export function PairDialog({ phoneNumber, onClose }: { phoneNumber: string; onClose(): void }) {
  const [pairing, setPairing] = useState<NewPairing>();
  return (
    <Modal opened onClose={onClose} title="Pair a device" size="lg">
      {pairing === undefined ? (
        <PairingForm phoneNumber={phoneNumber} onCreated={setPairing} />
      ) : (
        <PairingSteps pairing={pairing} onClose={onClose} onAgain={() => setPairing(undefined)} />
      )}
    </Modal>
  );
}

function PairingForm({
  phoneNumber,
  onCreated,
}: {
  phoneNumber: string;
  onCreated(pairing: NewPairing): void;
}) {
  const [kind, setKind] = useState('iphone');
  const [number, setNumber] = useState(phoneNumber);
  const [name, setName] = useState('');
  const send = useTenantRequest();
  const environment = useEnvironment();
  const client = useQueryClient();
  const create = useMutation({
    mutationFn: () =>
      send<NewPairing>('POST', '/pairings', {
        body: {
          phoneNumber: number.replace(/[\s().-]/g, ''),
          name: name.trim() === '' ? (kind === 'mac' ? 'Mac' : 'iPhone') : name,
          kind,
        },
      }),
    onSuccess: (pairing) => {
      void client.invalidateQueries({ queryKey: [environment, 'numbers'] });
      onCreated(pairing);
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        create.mutate();
      }}
    >
      <Stack gap="md">
        <SegmentedControl
          aria-label="Kind of device"
          data={KINDS}
          value={kind}
          onChange={setKind}
          fullWidth
        />
        <Text size="sm" c="dimmed">
          {kind === 'mac'
            ? 'A Mac that stays awake sends and receives everything at once. It needs Messages, signed in with this number.'
            : 'An iPhone sends with a shortcut that you install. New messages arrive while the shortcut runs.'}
        </Text>
        <Problem error={create.error} />
        <TextInput
          label="Number"
          description="The number of the device, with the country code."
          placeholder="+1 415 555 0123"
          type="tel"
          required
          data-autofocus
          value={number}
          onChange={(event) => setNumber(event.currentTarget.value)}
        />
        <TextInput
          label="Name of the device (optional)"
          placeholder={kind === 'mac' ? 'Office Mac' : 'My iPhone'}
          maxLength={100}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button type="submit" loading={create.isPending}>
          Continue
        </Button>
      </Stack>
    </form>
  );
}

function PairingSteps({
  pairing,
  onClose,
  onAgain,
}: {
  pairing: NewPairing;
  onClose(): void;
  onAgain(): void;
}) {
  const { id, kind, phoneNumber, setupUrl, command, qrSvg, isReachable, steps, expiresAt } = pairing;
  const environment = useEnvironment();
  const send = useTenantRequest();
  const client = useQueryClient();
  const now = useNow();
  const { data: state } = useQuery({
    queryKey: [environment, 'pairing', id],
    queryFn: ({ signal }) => send<PairingState>('GET', `/pairings/${id}`, { signal }),
    refetchInterval: ({ state: { data } }) =>
      data?.state === 'connected' || data?.state === 'expired' ? false : POLL_MS,
  });
  const isConnected = state?.state === 'connected';
  useEffect(() => {
    if (isConnected) void client.invalidateQueries({ queryKey: [environment, 'numbers'] });
  }, [isConnected, client, environment]);
  if (isConnected) {
    return (
      <Stack align="center" gap="sm" py="lg">
        <IconDone size={20} color="var(--green)" />
        <Text fw={600}>The device is connected</Text>
        <Text size="sm" c="dimmed" ta="center">
          It sends and receives for {formatHandle(phoneNumber)} now.
        </Text>
        <Button onClick={onClose}>Done</Button>
      </Stack>
    );
  }
  if (state?.state === 'expired') {
    return (
      <Stack gap="md">
        <Status kind="warning">The code has expired.</Status>
        <Button onClick={onAgain}>Get a new code</Button>
      </Stack>
    );
  }
  return (
    <div className={styles.pairing}>
      <div className={styles.qr}>
        <img
          src={`data:image/svg+xml;base64,${btoa(qrSvg)}`}
          alt="QR code of the setup link"
          width={200}
          height={200}
        />
        <Text size="xs" c="dimmed" ta="center">
          Valid for {formatAge(expiresAt, now)}
        </Text>
      </div>
      <div className={styles.steps}>
        {!isReachable && (
          <div className={styles.problem}>
            <IconWarning size={16} />
            <div>
              Other devices cannot reach this address. Set HOMING_PUBLIC_URL to an address that they can
              reach.
            </div>
          </div>
        )}
        <ol>
          {steps.map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ol>
        {command !== null && <CodeLine text={command} label="Copy the command" />}
        <CodeLine text={setupUrl} label="Copy the link" />
        <Status kind={state?.state === 'paired' ? 'good' : 'waiting'} isSentence>
          {state?.state === 'paired'
            ? kind === 'mac'
              ? 'The Mac is paired. Waiting for its connection…'
              : 'The iPhone is paired. Waiting for the shortcut…'
            : 'Waiting for the device…'}
        </Status>
      </div>
    </div>
  );
}
