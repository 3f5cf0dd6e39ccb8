/** Changes the limits, the ramp and the sending hours of a number. */
import { Button, Checkbox, Group, NumberInput, Select, Stack, Switch, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { NumberUsage } from '../api/types.ts';
import { useEnvironment, useTenantRequest } from '../shell/environment.tsx';
import { Problem } from '../ui/problem.tsx';
import { showDone } from '../ui/toasts.tsx';
import styles from './devices.module.css';

const LIMITS = [
  { name: 'messagesPerSecond', label: 'Messages per second' },
  { name: 'messagesPerMinute', label: 'Messages per minute' },
  { name: 'messagesPerDay', label: 'Messages per day' },
  { name: 'newContactsPerHour', label: 'New contacts per hour' },
  { name: 'newContactsPerDay', label: 'New contacts per day' },
  { name: 'unansweredInARow', label: 'Unanswered messages in a row' },
] as const;
type LimitName = (typeof LIMITS)[number]['name'];
type Pace = NumberUsage['pace'];
type Window = NonNullable<Pace['weeklyWindows']>[number];

const WEEKDAYS: ReadonlyArray<{ value: Window['days'][number]; label: string }> = [
  { value: 'mon', label: 'Mon' },
  { value: 'tue', label: 'Tue' },
  { value: 'wed', label: 'Wed' },
  { value: 'thu', label: 'Thu' },
  { value: 'fri', label: 'Fri' },
  { value: 'sat', label: 'Sat' },
  { value: 'sun', label: 'Sun' },
];
const OFFICE_HOURS: Window = { days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '09:00', to: '18:00' };

export function PaceForm({ id, usage }: { id: string; usage: NumberUsage }) {
  const { own, pace } = usage;
  const [limits, setLimits] = useState<Partial<Record<LimitName, number | null>>>({});
  const [ramp, setRamp] = useState(pace.ramp);
  const [timeZone, setTimeZone] = useState<string | null>(own.timeZone ?? null);
  const [quietHours, setQuietHours] = useState(pace.quietHours);
  const [windows, setWindows] = useState(pace.weeklyWindows);
  const environment = useEnvironment();
  const send = useTenantRequest();
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: () =>
      send('PATCH', `/numbers/${id}`, {
        body: {
          pace: {
            ...limits,
            ...(ramp === pace.ramp ? {} : { ramp }),
            ...(timeZone === (own.timeZone ?? null) ? {} : { timeZone }),
            ...(quietHours === pace.quietHours ? {} : { quietHours }),
            ...(windows === pace.weeklyWindows ? {} : { weeklyWindows: windows }),
          },
        },
      }),
    onSuccess: async () => {
      setLimits({});
      await client.invalidateQueries({ queryKey: [environment, 'usage', id] });
      showDone('The pace is changed. Waiting messages follow it now.');
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Stack gap="md" maw={720}>
        <Problem error={save.error} />
        <div className={styles.limits}>
          {LIMITS.map(({ name, label }) => (
            <NumberInput
              key={name}
              label={label}
              description="0: no limit"
              min={0}
              max={1_000_000}
              allowDecimal={false}
              allowNegative={false}
              thousandSeparator=" "
              placeholder={`Default: ${pace[name].toLocaleString()}`}
              value={(name in limits ? limits[name] : own[name]) ?? ''}
              onChange={(value) =>
                setLimits((current) => ({ ...current, [name]: value === '' ? null : Number(value) }))
              }
            />
          ))}
        </div>
        <Switch
          label="Ramp: lower limits in the first week of a number"
          checked={ramp}
          onChange={(event) => setRamp(event.currentTarget.checked)}
        />
        <Select
          label="Time zone"
          maw={300}
          searchable
          clearable
          placeholder={`Default: ${pace.timeZone}`}
          data={Intl.supportedValuesOf('timeZone')}
          value={timeZone}
          onChange={setTimeZone}
        />
        <Span
          label="Quiet hours"
          about="Nothing is sent during these hours, on every day."
          value={quietHours}
          start={{ from: '21:00', to: '08:00' }}
          onChange={setQuietHours}
        />
        <Windows value={windows} onChange={setWindows} />
        <Group>
          <Button type="submit" loading={save.isPending}>
            Save pace
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

type Hours = { from: string; to: string };

function Span({
  label,
  about,
  value,
  start,
  onChange,
}: {
  label: string;
  about: string;
  value: Hours | null;
  start: Hours;
  onChange(value: Hours | null): void;
}) {
  return (
    <Stack gap="sm">
      <Switch
        label={label}
        description={about}
        checked={value !== null}
        onChange={(event) => onChange(event.currentTarget.checked ? start : null)}
      />
      {value !== null && <HoursInputs name={label} value={value} onChange={onChange} />}
    </Stack>
  );
}

function HoursInputs<T extends Hours>({
  name,
  value,
  onChange,
}: {
  name: string;
  value: T;
  onChange(value: T): void;
}) {
  return (
    <Group gap="sm">
      <TextInput
        type="time"
        aria-label={`${name}: from`}
        required
        value={value.from}
        onChange={(event) => onChange({ ...value, from: event.currentTarget.value })}
      />
      <Text size="sm">to</Text>
      <TextInput
        type="time"
        aria-label={`${name}: to`}
        required
        value={value.to}
        onChange={(event) => onChange({ ...value, to: event.currentTarget.value })}
      />
    </Group>
  );
}

function Windows({ value, onChange }: { value: Window[] | null; onChange(value: Window[] | null): void }) {
  const change = (index: number, next: Window) =>
    onChange((value ?? []).map((one, at) => (at === index ? next : one)));
  return (
    <Stack gap="sm">
      <Switch
        label="Weekly windows"
        description="Messages are sent only in these windows."
        checked={value !== null}
        onChange={(event) => onChange(event.currentTarget.checked ? [OFFICE_HOURS] : null)}
      />
      {value?.map((window, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: windows have no other identity
        <Stack key={index} gap="sm" pl="md">
          <Checkbox.Group
            label={`Window ${index + 1}`}
            value={window.days}
            onChange={(days) => change(index, { ...window, days: days as Window['days'] })}
          >
            <Group gap="md" mt={4}>
              {WEEKDAYS.map((day) => (
                <Checkbox key={day.value} {...day} />
              ))}
            </Group>
          </Checkbox.Group>
          <Group>
            <HoursInputs
              name={`Window ${index + 1}`}
              value={window}
              onChange={(next) => change(index, next)}
            />
            <Button
              variant="subtle"
              color="red"
              onClick={() => {
                const rest = value.filter((_, at) => at !== index);
                onChange(rest.length === 0 ? null : rest);
              }}
            >
              Remove
            </Button>
          </Group>
        </Stack>
      ))}
      {value !== null && (
        <Button variant="default" w="fit-content" onClick={() => onChange([...value, OFFICE_HOURS])}>
          Add window
        </Button>
      )}
    </Stack>
  );
}
