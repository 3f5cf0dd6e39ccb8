/** Shows one device: its state, its health and what to do about each problem. */

import IconError from 'icon:alert-circle';
import IconWarning from 'icon:alert-triangle';
import IconMac from 'icon:device-laptop';
import IconPhone from 'icon:device-mobile';
import IconMore from 'icon:dots';
import { ActionIcon, Button, Menu, Modal, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Device } from '../api/types.ts';
import { useIsOwner } from '../session/session.tsx';
import { useEnvironment, useTenantRequest } from '../shell/environment.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { Problem } from '../ui/problem.tsx';
import { Status } from '../ui/status.tsx';
import { formatAge, Time, useNow } from '../ui/time.tsx';
import styles from './devices.module.css';

const TRANSPORTS: Record<string, string> = {
  websocket: 'WebSocket',
  poll: 'Long-poll',
  shortcut: 'Shortcut',
};

export function DeviceRow({ device, version }: { device: Device; version: string }) {
  const { name, isOnline, lastSeenAt, agentVersion, health, problems, transport, platform } = device;
  const now = useNow();
  const isPhone = transport === 'shortcut' || /ios|iphone/i.test(platform ?? '');
  const Icon = isPhone ? IconPhone : IconMac;
  const facts = [
    transport !== null && TRANSPORTS[transport],
    health?.os ?? platform,
    agentVersion !== null && `agent ${agentVersion}${agentVersion === version ? '' : ` (broker ${version})`}`,
    health?.batteryPercent != null && `battery ${health.batteryPercent} %`,
    capabilityText(device.capabilities),
  ].filter((fact) => typeof fact === 'string' && fact !== '');
  return (
    <div className={styles.device}>
      <Icon size={20} color="var(--gray)" />
      <div className={styles.deviceText}>
        <div className={styles.deviceName}>
          {name}
          {isOnline ? (
            <Status kind="good">Online</Status>
          ) : (
            <Status kind={lastSeenAt === null ? 'neutral' : 'bad'}>
              {lastSeenAt === null ? 'Never connected' : `Offline for ${formatAge(lastSeenAt, now)}`}
            </Status>
          )}
        </div>
        <div className={styles.meta}>
          {facts.join(' · ')}
          {lastSeenAt !== null && !isOnline && (
            <>
              {facts.length > 0 && ' · '}last seen <Time at={lastSeenAt} form="exact" />
            </>
          )}
        </div>
        <Capabilities names={device.capabilities} />
        {problems.map(({ code, severity, message, fix }) => (
          <div key={code} className={styles.problem} data-severity={severity}>
            {severity === 'error' ? <IconError size={16} /> : <IconWarning size={16} />}
            <div>
              <b>{message}</b> <span>{fix}</span>
            </div>
          </div>
        ))}
      </div>
      <DeviceMenu device={device} />
    </div>
  );
}

/** What Messages can do beyond a text, in the words of the inbox. */
const RICH: ReadonlyArray<readonly [capability: string, name: string]> = [
  ['groups', 'groups'],
  ['group_management', 'changes of groups'],
  ['reactions', 'reactions'],
  ['emoji_reactions', 'emoji reactions'],
  ['replies', 'replies'],
  ['edit', 'edits'],
  ['unsend', 'unsending'],
  ['effects', 'effects'],
  ['subject', 'subjects'],
  ['voice_notes', 'voice notes'],
  ['typing', 'typing'],
  ['read_receipts', 'read receipts'],
  ['lookup', 'look-up of iMessage'],
];

/** A device that has never connected has reported nothing. */
function Capabilities({ names }: { names: readonly string[] }) {
  if (names.length === 0) return null;
  const part = (isWanted: boolean) =>
    RICH.filter(([capability]) => names.includes(capability) === isWanted).map(([, name]) => name);
  const [able, unable] = [part(true), part(false)];
  return (
    <div className={styles.meta}>
      {able.length > 0 && `Can do: ${able.join(', ')}. `}
      {unable.length > 0 && `Cannot do: ${unable.join(', ')}.`}
    </div>
  );
}

/** Names what the device sends; the other capabilities are details of the protocol. */
function capabilityText(capabilities: readonly string[]): string {
  const names = [
    capabilities.includes('imessage') && 'iMessage',
    capabilities.includes('sms') && 'SMS',
    capabilities.includes('media') && 'attachments',
  ].filter((name) => name !== false);
  return names.length === 0 ? '' : `sends ${names.join(', ')}`;
}

function DeviceMenu({ device }: { device: Device }) {
  const [open, setOpen] = useState<'rename' | 'revoke'>();
  const send = useTenantRequest();
  const environment = useEnvironment();
  const client = useQueryClient();
  const isOwner = useIsOwner();
  const refresh = () => client.invalidateQueries({ queryKey: [environment, 'numbers'] });
  if (!isOwner || environment === 'test') return null;
  const close = () => setOpen(undefined);
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon aria-label={`Menu of ${device.name}`}>
            <IconMore size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => setOpen('rename')}>Rename</Menu.Item>
          <Menu.Item color="red" onClick={() => setOpen('revoke')}>
            Revoke
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {open === 'rename' && <RenameDialog device={device} onClose={close} refresh={refresh} />}
      {open === 'revoke' && (
        <Confirm
          title={`Revoke ${device.name}?`}
          action="Revoke device"
          onClose={close}
          run={() => send('POST', `/devices/${device.id}/revoke`).then(refresh)}
        >
          The device is disconnected and its token stops working. Messages that it has not sent return to the
          queue. To use it again, pair it again.
        </Confirm>
      )}
    </>
  );
}

function RenameDialog({
  device,
  onClose,
  refresh,
}: {
  device: Device;
  onClose(): void;
  refresh(): Promise<void>;
}) {
  const [name, setName] = useState(device.name);
  const send = useTenantRequest();
  const rename = useMutation({
    mutationFn: () => send('PATCH', `/devices/${device.id}`, { body: { name } }).then(refresh),
    onSuccess: onClose,
  });
  return (
    <Modal opened onClose={onClose} title="Rename device" size="sm">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          rename.mutate();
        }}
      >
        <Stack gap="md">
          <Problem error={rename.error} />
          <TextInput
            label="Name"
            data-autofocus
            required
            maxLength={100}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Button type="submit" loading={rename.isPending}>
            Save
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}
