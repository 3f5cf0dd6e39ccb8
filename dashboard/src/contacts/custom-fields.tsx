/** Edits the custom fields of a contact, and adds fields. */
import IconAdd from 'icon:plus';
import IconRemove from 'icon:x';
import { ActionIcon, Autocomplete, Button, Stack, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ContactFields } from '../api/types.ts';
import { useEnvironment, useTenantRequest } from '../shell/environment.tsx';
import styles from './contacts.module.css';

export interface AddedField {
  name: string;
  value: string;
}

interface Props {
  fields: ReadonlyArray<[name: string, value: string | number | boolean]>;
  edits: Readonly<Record<string, string | null>>;
  added: readonly AddedField[];
  /** Null removes the field. */
  onEdit(name: string, value: string | null): void;
  onAdd(added: AddedField[]): void;
}

export function CustomFields({ fields, edits, added, onEdit, onAdd }: Props) {
  const known = useFieldNames().filter((name) => !fields.some(([own]) => own === name));
  const change = (index: number, next: Partial<AddedField>) =>
    onAdd(added.map((one, at) => (at === index ? { ...one, ...next } : one)));
  return (
    <Stack gap="sm" role="group" aria-label="Custom fields">
      <Text size="sm" fw={500}>
        Custom fields
      </Text>
      {fields.map(([name, value]) => (
        <div key={name} className={styles.field}>
          <span className={styles.fieldName}>{name}</span>
          <TextInput
            className={styles.fieldValue}
            aria-label={name}
            maxLength={1_000}
            value={edits[name] ?? String(value)}
            onChange={(event) => onEdit(name, event.currentTarget.value)}
          />
          <ActionIcon aria-label={`Remove the field ${name}`} onClick={() => onEdit(name, null)}>
            <IconRemove size={16} />
          </ActionIcon>
        </div>
      ))}
      {added.map(({ name, value }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: an added field has no name yet
        <div key={index} className={styles.field}>
          <Autocomplete
            className={styles.fieldName}
            aria-label="Name of the new field"
            placeholder="Name, such as city"
            required
            pattern="\w{1,64}"
            title="Letters, digits and underscores"
            maxLength={64}
            data={known}
            value={name}
            onChange={(next) => change(index, { name: next })}
          />
          <TextInput
            className={styles.fieldValue}
            aria-label="Value of the new field"
            placeholder="Value"
            maxLength={1_000}
            value={value}
            onChange={(event) => change(index, { value: event.currentTarget.value })}
          />
          <ActionIcon
            aria-label="Remove the new field"
            onClick={() => onAdd(added.filter((_, at) => at !== index))}
          >
            <IconRemove size={16} />
          </ActionIcon>
        </div>
      ))}
      <Button
        variant="default"
        size="compact-sm"
        w="fit-content"
        leftSection={<IconAdd size={16} />}
        onClick={() => onAdd([...added, { name: '', value: '' }])}
      >
        Add field
      </Button>
    </Stack>
  );
}

function useFieldNames(): readonly string[] {
  const environment = useEnvironment();
  const send = useTenantRequest();
  const { data } = useQuery({
    queryKey: [environment, 'contacts', 'fields'],
    queryFn: ({ signal }) => send<ContactFields>('GET', '/contact-fields', { signal }),
  });
  return data?.fields ?? [];
}
