/** Creates an API key and shows it once, with a command that uses it. */
import IconWarning from 'icon:alert-triangle';
import { Button, Checkbox, Modal, Radio, Select, Stack, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { NewKey } from '../../api/types.ts';
import { useTenantRequest } from '../../shell/environment.tsx';
import { CodeLine } from '../../ui/code.tsx';
import { Problem } from '../../ui/problem.tsx';
import { Status } from '../../ui/status.tsx';
import styles from '../developers.module.css';
import { PERMISSIONS, type Permission } from './permissions.ts';

const PREFIXES = [
  { value: 'tb', label: 'tb_… (default)' },
  { value: 'txt', label: 'txt_… (clients of Textree that check the format)' },
];

export function NewKeyDialog({ onCreated, onClose }: { onCreated(): Promise<void>; onClose(): void }) {
  const [created, setCreated] = useState<NewKey>();
  return (
    <Modal
      opened
      onClose={onClose}
      // A click beside the dialog must not lose a key that is shown only once.
      closeOnClickOutside={created === undefined}
      title={created === undefined ? 'Create an API key' : `Key “${created.label}” is ready`}
      size="lg"
    >
      {created === undefined ? (
        <KeyForm
          onCreated={(key) => {
            setCreated(key);
            void onCreated();
          }}
        />
      ) : (
        <ShownKey created={created} onClose={onClose} />
      )}
    </Modal>
  );
}

function KeyForm({ onCreated }: { onCreated(key: NewKey): void }) {
  const [label, setLabel] = useState('');
  const [isEverything, setEverything] = useState(false);
  const [chosen, setChosen] = useState<string[]>(['messages:send', 'messages:read']);
  const [prefix, setPrefix] = useState('tb');
  const send = useTenantRequest();
  const create = useMutation({
    mutationFn: () => {
      const permissions: readonly string[] = isEverything ? ['*' satisfies Permission] : chosen;
      return send<NewKey>('POST', '/keys', { body: { label, permissions, prefix } });
    },
    onSuccess: onCreated,
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        create.mutate();
      }}
    >
      <Stack gap="lg">
        <Problem error={create.error} />
        <TextInput
          label="Label"
          description="The program that uses the key, so that you know which key to revoke."
          placeholder="Online shop"
          required
          maxLength={100}
          data-autofocus
          value={label}
          onChange={(event) => setLabel(event.currentTarget.value)}
        />
        <Radio.Group
          label="Permissions"
          value={isEverything ? 'all' : 'some'}
          onChange={(value) => setEverything(value === 'all')}
        >
          <Stack gap="sm" mt="xs">
            <Radio value="all" label="Everything" description="Also what later versions add." />
            <Radio value="some" label="Only these permissions" />
          </Stack>
        </Radio.Group>
        {!isEverything && (
          <Checkbox.Group value={chosen} onChange={setChosen} aria-label="Only these permissions">
            <div className={styles.permissions}>
              {PERMISSIONS.map(({ value, name, about }) => (
                <Checkbox key={value} value={value} label={name} description={about} />
              ))}
            </div>
          </Checkbox.Group>
        )}
        <Select
          label="Format of the key"
          data={PREFIXES}
          allowDeselect={false}
          value={prefix}
          onChange={(value) => setPrefix(value ?? 'tb')}
        />
        <Button type="submit" loading={create.isPending} disabled={!isEverything && chosen.length === 0}>
          Create key
        </Button>
      </Stack>
    </form>
  );
}

function ShownKey({ created: { key, curl }, onClose }: { created: NewKey; onClose(): void }) {
  return (
    <Stack gap="md">
      <Status kind="warning" icon={IconWarning}>
        Copy the key now. It is not shown again.
      </Status>
      <CodeLine text={key} label="Copy the key" />
      {curl !== null && (
        <>
          <Text size="sm">Try it in a terminal:</Text>
          <CodeLine text={curl} label="Copy the command" />
        </>
      )}
      <Button onClick={onClose}>Done</Button>
    </Stack>
  );
}
