/** Offers a passkey to a new member, right after the password is set. */

import IconFingerprint from 'icon:fingerprint';
import { Button, Stack, Text } from '@mantine/core';
import { browserSupportsWebAuthn } from '@simplewebauthn/browser';
import { useState } from 'react';
import { PasskeyDialog } from '../settings/passkey-dialog.tsx';
import { EntryPage } from './entry-page.tsx';

/** Browsers create no passkeys for IP addresses. */
export function canAddPasskey(): boolean {
  const isAddress = /^[\d.]+$|^\[/.test(location.hostname);
  return window.isSecureContext && !isAddress && browserSupportsWebAuthn();
}

export function OfferPasskey({ onDone }: { onDone(): void }) {
  const [isAdding, setAdding] = useState(false);
  return (
    <EntryPage title="Add a passkey?">
      <Stack gap="md">
        <Text size="sm" c="dimmed">
          With a passkey you sign in by fingerprint, face or the code of your device, without the password.
          You can also add one later, in the settings.
        </Text>
        <Button leftSection={<IconFingerprint size={16} />} onClick={() => setAdding(true)}>
          Add a passkey
        </Button>
        <Button variant="default" onClick={onDone}>
          Not now
        </Button>
      </Stack>
      {isAdding && <PasskeyDialog onClose={() => setAdding(false)} onAdded={async () => onDone()} />}
    </EntryPage>
  );
}
