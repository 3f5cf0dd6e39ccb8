/** Opens a sign-in link or an invitation: sets name and password of a new member, or signs an existing one in. */
import { Button, PasswordInput, Skeleton, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { request } from '../api/request.ts';
import type { LinkInfo } from '../api/types.ts';
import { PAGE_BASE } from '../routes.ts';
import { Problem } from '../ui/problem.tsx';
import { EntryPage } from './entry-page.tsx';
import { canAddPasskey, OfferPasskey } from './offer-passkey.tsx';

const PASSWORD_MIN = 10;

const start = () => location.replace(`${PAGE_BASE}/`);

export default function LinkPage() {
  // The fragment stays out of the logs of proxies. It is removed so that the address can be shared or bookmarked.
  const [token] = useState(() => {
    const found = location.hash.slice('#token='.length);
    history.replaceState(null, '', location.pathname);
    return found;
  });
  const link = useQuery({
    queryKey: ['link', token],
    queryFn: () => request<LinkInfo>('POST', '/sign-in/link/inspect', { body: { token } }),
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (link.data !== undefined) return <LinkForm token={token} link={link.data} />;
  return (
    <EntryPage title="Sign in">
      {link.isPending ? <Skeleton height={160} /> : <UnusableLink error={link.error} />}
    </EntryPage>
  );
}

function UnusableLink({ error }: { error: Error | null }) {
  return (
    <Stack>
      <Problem error={error} />
      <Button component="a" href={`${PAGE_BASE}/sign-in`} variant="default">
        Sign in with a password
      </Button>
    </Stack>
  );
}

function LinkForm({ token, link }: { token: string; link: LinkInfo }) {
  const [name, setName] = useState(link.name ?? '');
  const [email, setEmail] = useState(link.email ?? '');
  const [password, setPassword] = useState('');
  const isNew = !link.hasPassword;
  const [isOffering, setOffering] = useState(false);
  const redeem = useMutation({
    mutationFn: (body: Record<string, string>) =>
      request('POST', '/sign-in/link', { body: { token, ...body } }),
    onSuccess: () => {
      if (isNew && canAddPasskey()) setOffering(true);
      else start();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    redeem.mutate({ ...(isNew ? { name, email } : {}), ...(password === '' ? {} : { password }) });
  };
  if (isOffering) return <OfferPasskey onDone={start} />;
  return (
    <EntryPage title={isNew ? `Welcome to ${link.account}` : `Sign in as ${link.name ?? link.email}`}>
      <form onSubmit={submit}>
        <Stack gap="md">
          <Text size="sm" c="dimmed">
            {isNew
              ? `Choose a password.`
              : 'This link signs you in. A new password is optional; it ends your other sessions.'}
          </Text>
          <Problem error={redeem.error} />
          {isNew && (
            <>
              <TextInput
                label="Name"
                name="name"
                autoComplete="name"
                required
                autoFocus
                value={name}
                onChange={(event) => setName(event.currentTarget.value)}
              />
              <TextInput
                label="E-mail address"
                type="email"
                name="email"
                autoComplete="username"
                required
                readOnly={link.email !== null}
                value={email}
                onChange={(event) => setEmail(event.currentTarget.value)}
              />
            </>
          )}
          <PasswordInput
            label={isNew ? 'Password' : 'New password (optional)'}
            description={`At least ${PASSWORD_MIN} characters.`}
            name="password"
            autoComplete="new-password"
            required={isNew}
            minLength={PASSWORD_MIN}
            maxLength={200}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          <Button type="submit" loading={redeem.isPending}>
            {isNew ? 'Start' : 'Sign in'}
          </Button>
        </Stack>
      </form>
    </EntryPage>
  );
}
