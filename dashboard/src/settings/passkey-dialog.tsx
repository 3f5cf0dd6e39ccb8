/** Creates a passkey in the browser and registers it. */
import { Button, Modal, Stack, Text, TextInput } from '@mantine/core';
import { startRegistration } from '@simplewebauthn/browser';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { request } from '../api/request.ts';
import { Problem } from '../ui/problem.tsx';
import { showDone } from '../ui/toasts.tsx';
import { browserName } from './browser-name.ts';

type RegistrationOptions = Parameters<typeof startRegistration>[0]['optionsJSON'];

export function PasskeyDialog({ onClose, onAdded }: { onClose(): void; onAdded(): Promise<void> }) {
  const [name, setName] = useState(() => browserName(navigator.userAgent));
  const add = useMutation({
    mutationFn: async () => {
      const optionsJSON = await request<RegistrationOptions>('POST', '/passkeys/options', { body: {} });
      const response = await startRegistration({ optionsJSON }).catch((error: Error) => {
        throw new Error(browserProblem(error), { cause: error });
      });
      await request('POST', '/passkeys', { body: { name, response } });
    },
    onSuccess: () => {
      showDone(`The passkey ${name} is added.`);
      onClose();
      return onAdded();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <Modal opened onClose={onClose} title="Add a passkey" size="sm">
      <form onSubmit={submit}>
        <Stack gap="md">
          <Text size="sm">
            The browser then asks for your fingerprint, your face or the code of the device.
          </Text>
          <Problem error={add.error} />
          <TextInput
            label="Name"
            description="To recognize the passkey in the list."
            data-autofocus
            required
            maxLength={100}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Button type="submit" loading={add.isPending}>
            Continue
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}

function browserProblem({ name, message }: Error): string {
  if (name === 'InvalidStateError') return 'This device already has a passkey for your account.';
  if (name === 'NotAllowedError')
    return 'The browser created no passkey, because the request was cancelled or expired.';
  return message;
}
