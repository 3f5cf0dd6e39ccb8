/** Chooses one of the account's numbers. Shown only if there are several. */
import { Select } from '@mantine/core';
import { useNumbers } from '../api/numbers.ts';
import { formatHandle } from '../ui/format-handle.ts';

export function NumberFilter({ value, onChange }: { value: string; onChange(value: string): void }) {
  const { data: numbers = [] } = useNumbers();
  if (numbers.length < 2) return null;
  return (
    <Select
      size="xs"
      w={160}
      aria-label="Number"
      placeholder="All numbers"
      clearable
      data={numbers.map(({ id, label, phoneNumber }) => ({
        value: id,
        label: label ?? formatHandle(phoneNumber),
      }))}
      value={value === '' ? null : value}
      onChange={(next) => onChange(next ?? '')}
    />
  );
}
