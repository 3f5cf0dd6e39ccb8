/** Switches the notifications of this browser. */
import IconBlocked from 'icon:bell-off';
import { Alert, Button, Stack, Switch } from '@mantine/core';
import { useEffect, useState } from 'react';
import {
  type NotificationState,
  notificationState,
  switchNotifications,
} from '../live/notification-setting.ts';
import { Page } from '../ui/page.tsx';
import { showProblem } from '../ui/toasts.tsx';

export function NotificationSettings() {
  const [state, setState] = useState(notificationState);
  // The permission may change in the settings of the browser while the page is open.
  useEffect(() => {
    const read = () => setState(notificationState());
    window.addEventListener('focus', read);
    return () => window.removeEventListener('focus', read);
  }, []);
  const change = (isOn: boolean) => switchNotifications(isOn).then(setState).catch(showProblem);
  return (
    <Page title="Notifications" about="For this browser only.">
      <Stack gap="lg" maw={640} mt="lg">
        <Switch
          label="Show a notification for each new message"
          description="While this page is open, but not in front. It shows the sender and the text."
          checked={state === 'on'}
          disabled={state === 'blocked' || state === 'unavailable'}
          onChange={(event) => void change(event.currentTarget.checked)}
        />
        <Hint state={state} />
      </Stack>
    </Page>
  );
}

function Hint({ state }: { state: NotificationState }) {
  if (state === 'blocked')
    return (
      <Alert
        variant="light"
        color="yellow"
        icon={<IconBlocked size={20} />}
        title="The browser blocks notifications"
      >
        Select the icon beside the address of this page, allow notifications, and return here. On a Mac, also
        check System Settings → Notifications.
      </Alert>
    );
  if (state === 'unavailable')
    return (
      <Alert variant="light" color="yellow" icon={<IconBlocked size={20} />} title="Not available here">
        {isSecureContext
          ? 'This browser shows no notifications for web pages. On an iPhone, add the dashboard to the home screen and open it there.'
          : 'Browsers show notifications only for pages with HTTPS or at localhost. Open the dashboard there.'}
      </Alert>
    );
  if (state === 'on')
    return (
      <Button variant="default" w="fit-content" onClick={showExample}>
        Show an example
      </Button>
    );
  return null;
}

/** Browsers on Android have no constructor for notifications. */
function showExample() {
  try {
    new Notification('Homing', { body: 'New messages appear like this.', tag: 'example' });
  } catch (error) {
    showProblem(error);
  }
}
