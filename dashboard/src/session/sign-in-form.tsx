/** Asks for e-mail address and password, or for a passkey. */

import IconFingerprint from 'icon:fingerprint';
import { Button, Divider, PasswordInput, Stack, TextInput } from '@mantine/core';
import { browserSupportsWebAuthn, startAuthentication } from '@simplewebauthn/browser';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { request } from '../api/request.ts';
import { Problem } from '../ui/problem.tsx';

type AuthenticationOptions = Parameters<typeof startAuthentication>[0]['optionsJSON'];

export function SignInForm({ email: knownEmail = '', onSignedIn }: { email?: string; onSignedIn(): void }) {
  const [email, setEmail] = useState(knownEmail);
  const [password, setPassword] = useState('');
  const byPassword = useMutation({
    mutationFn: () => request('POST', '/sign-in', { body: { email, password } }),
    onSuccess: onSignedIn,
  });
  const byPasskey = useMutation({
    mutationFn: async () => {
      const optionsJSON = await request<AuthenticationOptions>('POST', '/sign-in/passkey/options', {
        body: {},
      });
      const response = await startAuthentication({ optionsJSON });
      await request('POST', '/sign-in/passkey', { body: { response } });
    },
    onSuccess: onSignedIn,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    byPasskey.reset();
    byPassword.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <Problem error={byPassword.error ?? byPasskey.error} />
        <TextInput
          label="E-mail address"
          type="email"
          name="email"
          autoComplete="username webauthn"
          required
          autoFocus={knownEmail === ''}
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <PasswordInput
          label="Password"
          name="password"
          autoComplete="current-password"
          required
          autoFocus={knownEmail !== ''}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <Button type="submit" loading={byPassword.isPending}>
          Sign in
        </Button>
        {browserSupportsWebAuthn() && (
          <>
            <Divider label="or" />
            <Button
              variant="default"
              leftSection={<IconFingerprint size={16} />}
              loading={byPasskey.isPending}
              onClick={() => {
                byPassword.reset();
                byPasskey.mutate();
              }}
            >
              Sign in with a passkey
            </Button>
          </>
        )}
      </Stack>
    </form>
  );
}
