/** Chooses when the message is sent: now, a common time, or any time. */

import IconClock from 'icon:clock';
import { ActionIcon, Menu, Tooltip } from '@mantine/core';
import { lazy, useState } from 'react';
import { Overlay } from '../../ui/overlay.tsx';
import { formatExact } from '../../ui/time.tsx';

const TimePicker = lazy(() => import('./time-picker.tsx'));
const HOUR = 3_600_000;
const MORNING = 9;

export function ScheduleMenu({
  sendAt,
  onChange,
}: {
  sendAt: number | null;
  onChange(at: number | null): void;
}) {
  const [isOpen, setOpen] = useState(false);
  const [isPicking, setPicking] = useState(false);
  const now = Date.now();
  const presets = [
    { name: 'In one hour', at: now + HOUR },
    { name: 'Tomorrow, 9:00', at: morningOf(now, 1) },
    { name: 'Monday, 9:00', at: morningOf(now, daysUntilMonday(now)) },
  ];
  return (
    <>
      <Menu position="top-end" withinPortal opened={isOpen} onChange={setOpen}>
        <Menu.Target>
          <Tooltip label="Send later" disabled={isOpen}>
            <ActionIcon
              aria-label="Send later"
              size={36}
              variant={sendAt === null ? 'subtle' : 'light'}
              color={sendAt === null ? 'gray' : 'yellow'}
            >
              <IconClock size={20} />
            </ActionIcon>
          </Tooltip>
        </Menu.Target>
        <Menu.Dropdown>
          {sendAt !== null && <Menu.Label>{formatExact(sendAt)}</Menu.Label>}
          {sendAt !== null && <Menu.Item onClick={() => onChange(null)}>Send now</Menu.Item>}
          {presets.map(({ name, at }) => (
            <Menu.Item key={name} onClick={() => onChange(at)}>
              {name}
            </Menu.Item>
          ))}
          <Menu.Item onClick={() => setPicking(true)}>Choose a time…</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {isPicking && (
        <Overlay onFailed={() => setPicking(false)}>
          <TimePicker
            start={sendAt ?? now + HOUR}
            onClose={() => setPicking(false)}
            onPick={(at) => {
              onChange(at);
              setPicking(false);
            }}
          />
        </Overlay>
      )}
    </>
  );
}

function morningOf(now: number, days: number): number {
  const date = new Date(now);
  date.setDate(date.getDate() + days);
  return date.setHours(MORNING, 0, 0, 0);
}

function daysUntilMonday(now: number): number {
  return (8 - new Date(now).getDay()) % 7 || 7;
}
