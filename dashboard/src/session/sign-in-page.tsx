/** Signs in with a password or a passkey. */
import { Anchor, Stack, Text } from '@mantine/core';
import { BASE } from '../api/request.ts';
import { EntryPage } from './entry-page.tsx';
import { goToStart } from './go-to-start.ts';
import { SignInForm } from './sign-in-form.tsx';

export default function SignInPage() {
  return (
    <EntryPage title="Sign in">
      <SignInForm onSignedIn={goToStart} />
      <Stack gap={4} mt="lg">
        <Text size="xs" c="dimmed">
          First time, or no password? Run <code>homing dashboard</code> on the machine of the broker: it
          prints a sign-in link.
        </Text>
        <Text size="xs" c="dimmed">
          Developers need no sign-in for the <Anchor href={`${BASE}/docs`}>documentation</Anchor>.
        </Text>
      </Stack>
    </EntryPage>
  );
}
