/** Asks to sign in again when the session has ended. The page below keeps its state. */
import { Modal, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { SignInForm } from './sign-in-form.tsx';

export default function SignInDialog({ email }: { email: string }) {
  const client = useQueryClient();
  return (
    <Modal
      opened
      onClose={() => {}}
      withCloseButton={false}
      title="Sign in again"
      closeOnEscape={false}
      size="sm"
    >
      <Text size="sm" c="dimmed" mb="md">
        Your session has ended. Nothing that you typed is lost.
      </Text>
      <SignInForm email={email} onSignedIn={() => void client.invalidateQueries()} />
    </Modal>
  );
}
