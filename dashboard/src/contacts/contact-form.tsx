/** Changes a contact. Only the edited fields are sent, so that two members who edit different fields keep both edits. */
import { Button, Group, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { ContactDetail } from '../api/types.ts';
import { useEnvironment, useTenantRequest } from '../shell/environment.tsx';
import { Problem } from '../ui/problem.tsx';
import { showDone } from '../ui/toasts.tsx';
import { type AddedField, CustomFields } from './custom-fields.tsx';

interface Edits {
  name?: string;
  handle?: string;
  email?: string;
}

export function ContactForm({ contact }: { contact: ContactDetail }) {
  const { id } = contact;
  const [edits, setEdits] = useState<Edits>({});
  /** Null: removed. */
  const [fields, setFields] = useState<Record<string, string | null>>({});
  const [added, setAdded] = useState<AddedField[]>([]);
  const environment = useEnvironment();
  const send = useTenantRequest();
  const client = useQueryClient();
  const reset = () => {
    setEdits({});
    setFields({});
    setAdded([]);
  };
  const save = useMutation({
    mutationFn: () => {
      const names = added
        .filter(({ name }) => name.trim() !== '')
        .map(({ name, value }) => [name.trim(), value]);
      const customFields = { ...fields, ...Object.fromEntries(names) };
      const body = Object.keys(customFields).length === 0 ? edits : { ...edits, customFields };
      return send<ContactDetail>('PATCH', `/contacts/${id}`, { body });
    },
    onSuccess: (changed) => {
      client.setQueryData([environment, 'contacts', 'one', id], changed);
      void client.invalidateQueries({ queryKey: [environment, 'contacts'] });
      reset();
      showDone('The contact is saved.');
    },
  });
  const isEdited = Object.keys(edits).length + Object.keys(fields).length + added.length > 0;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isEdited) save.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="md" maw={560}>
        <Problem error={save.error} />
        <TextInput
          label="Name"
          maxLength={200}
          value={edits.name ?? contact.name ?? ''}
          onChange={(event) => setEdits({ ...edits, name: event.currentTarget.value })}
        />
        <TextInput
          label="Number or iMessage address"
          required
          maxLength={320}
          value={edits.handle ?? contact.handle}
          onChange={(event) => setEdits({ ...edits, handle: event.currentTarget.value })}
        />
        <TextInput
          label="E-mail address"
          type="email"
          maxLength={320}
          value={edits.email ?? contact.email ?? ''}
          onChange={(event) => setEdits({ ...edits, email: event.currentTarget.value })}
        />
        <CustomFields
          fields={Object.entries(contact.customFields).filter(([name]) => fields[name] !== null)}
          edits={fields}
          added={added}
          onEdit={(name, value) => setFields({ ...fields, [name]: value })}
          onAdd={setAdded}
        />
        <Group gap="sm">
          <Button type="submit" disabled={!isEdited} loading={save.isPending}>
            Save
          </Button>
          {isEdited && (
            <Button
              variant="default"
              onClick={() => {
                save.reset();
                reset();
              }}
            >
              Discard changes
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  );
}
