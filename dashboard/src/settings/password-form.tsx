/** Changes the password of the signed-in member. */
import { Button, PasswordInput, Stack } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { request } from '../api/request.ts';
import { useSession } from '../session/session.tsx';
import { Problem } from '../ui/problem.tsx';
import { showDone } from '../ui/toasts.tsx';
import styles from './settings.module.css';

const PASSWORD_MIN = 10;
const PASSWORD_MAX = 200;

export function PasswordForm() {
  const { member } = useSession();
  const [currentPassword, setCurrent] = useState('');
  const [newPassword, setNew] = useState('');
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: () => request('PUT', '/password', { body: { currentPassword, newPassword } }),
    onSuccess: () => {
      setCurrent('');
      setNew('');
      showDone('The password is changed. Your other sessions have ended.');
      return client.invalidateQueries({ queryKey: ['sessions'] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <form onSubmit={submit} className={styles.form}>
      <Stack gap="md">
        <Problem error={change.error} />
        {/* A password manager needs it to know whose password changes. */}
        <input type="text" hidden readOnly name="username" autoComplete="username" value={member.email} />
        <PasswordInput
          label="Current password"
          autoComplete="current-password"
          required
          maxLength={PASSWORD_MAX}
          value={currentPassword}
          onChange={(event) => setCurrent(event.currentTarget.value)}
        />
        <PasswordInput
          label="New password"
          description={`At least ${PASSWORD_MIN} characters.`}
          autoComplete="new-password"
          required
          minLength={PASSWORD_MIN}
          maxLength={PASSWORD_MAX}
          value={newPassword}
          onChange={(event) => setNew(event.currentTarget.value)}
        />
        <Button type="submit" w="fit-content" loading={change.isPending}>
          Change password
        </Button>
      </Stack>
    </form>
  );
}
