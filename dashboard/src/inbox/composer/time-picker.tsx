/** Chooses any time in the future. */
import { Button, Modal, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';

export default function TimePicker({
  start,
  onPick,
  onClose,
}: {
  start: number;
  onPick(at: number): void;
  onClose(): void;
}) {
  const [value, setValue] = useState(() => localInputValue(start));
  const at = new Date(value).getTime();
  const isPast = Number.isNaN(at) || at <= Date.now();
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <Modal opened onClose={onClose} title="Send later" size="sm">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!isPast) onPick(at);
        }}
      >
        <Stack gap="md">
          <TextInput
            type="datetime-local"
            label="Time"
            description={`In your time zone, ${zone}`}
            data-autofocus
            required
            min={localInputValue(Date.now())}
            value={value}
            error={isPast ? 'Choose a time in the future.' : undefined}
            onChange={(event) => setValue(event.currentTarget.value)}
          />
          <Button type="submit" disabled={isPast}>
            Set time
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}

/** The form of <input type="datetime-local">, in the time zone of the viewer. */
function localInputValue(at: number): string {
  const date = new Date(at);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${two(date.getHours())}:${two(date.getMinutes())}`;
}
