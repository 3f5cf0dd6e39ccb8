/** Shows short messages at the bottom of the page: a problem, or something that was done, with a way to undo it. */
import { Button, Group } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { problemText } from './problem.tsx';

const CLOSE = { 'aria-label': 'Close' };

export function showProblem(error: unknown): void {
  const message = error instanceof Error ? problemText(error) : String(error);
  notifications.show({ message, color: 'red', autoClose: 8_000, role: 'alert', closeButtonProps: CLOSE });
}

export function showDone(message: string, undo?: () => void): void {
  const id = notifications.show({
    closeButtonProps: CLOSE,
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
