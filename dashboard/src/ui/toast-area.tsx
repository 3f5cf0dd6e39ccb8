/** The place of the messages of `toasts.tsx`. Loads after the view, because no message appears before. */
import '@mantine/notifications/styles.css';
import { Button, Group } from '@mantine/core';
import { Notifications, notifications } from '@mantine/notifications';

export interface Toast {
  message: string;
  isProblem?: boolean;
  undo?: (() => void) | undefined;
}

const PROBLEM_MS = 8_000;
/** Time to read the message, decide and reach the button. */
const UNDO_MS = 12_000;

export function ToastArea() {
  return <Notifications position="bottom-center" autoClose={5000} limit={3} />;
}

export function showToast({ message, isProblem, undo }: Toast): void {
  if (isProblem) {
    notifications.show({ message, color: 'red', autoClose: PROBLEM_MS, role: 'alert' });
    return;
  }
  const id = notifications.show({
    ...(undo === undefined ? {} : { autoClose: UNDO_MS }),
    message:
      undo === undefined ? (
        message
      ) : (
        <Group justify="space-between" wrap="nowrap">
          {message}
          <Button
            size="compact-sm"
            variant="subtle"
            onClick={() => {
              notifications.hide(id);
              undo();
            }}
          >
            Undo
          </Button>
        </Group>
      ),
  });
}
