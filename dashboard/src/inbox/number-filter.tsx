/** Chooses one of the account's numbers. Shown only if there are several. */
import { Select } from '@mantine/core';
import { useNumbers } from '../api/numbers.ts';
import { formatHandle } from '../ui/format-handle.ts';

interface Props {
  value: string;
  size?: 'xs' | 'sm';
  onChange(value: string): void;
}

export function NumberFilter({ value, size = 'xs', onChange }: Props) {
  const { data: numbers = [] } = useNumbers();
  if (numbers.length < 2) return null;
  return (
    <Select
      size={size}
      w={132}
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
