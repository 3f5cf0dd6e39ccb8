/**
 * Remembers whether this browser shows notifications. The permission belongs to the browser, and a page cannot return it,
 * so switching notifications off is a setting of the page.
 */
const KEY = 'homing.notifications';

/** `unavailable`: the browser has no notifications, or the page has no HTTPS. */
export type NotificationState = 'on' | 'off' | 'blocked' | 'unavailable';

export function notificationState(): NotificationState {
  if (!('Notification' in globalThis) || !isSecureContext) return 'unavailable';
  if (Notification.permission === 'denied') return 'blocked';
  return Notification.permission === 'granted' && localStorage.getItem(KEY) !== 'off' ? 'on' : 'off';
}

export const areNotificationsOn = () => notificationState() === 'on';

/** Asks for the permission if the browser has not asked yet. */
export async function switchNotifications(isOn: boolean): Promise<NotificationState> {
  if (isOn) {
    localStorage.removeItem(KEY);
    await Notification.requestPermission();
  } else {
    localStorage.setItem(KEY, 'off');
  }
  return notificationState();
}
