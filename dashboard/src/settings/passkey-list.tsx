/** Lists the passkeys of the signed-in member, adds one and removes one. */
import IconPasskey from 'icon:fingerprint';
import IconAdd from 'icon:plus';
import { Button } from '@mantine/core';
import { browserSupportsWebAuthn } from '@simplewebauthn/browser';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { request } from '../api/request.ts';
import type { Passkey, PasskeyList as Passkeys } from '../api/types.ts';
import { Confirm } from '../ui/confirm.tsx';
import { Section } from '../ui/page.tsx';
import { QueryView } from '../ui/query-view.tsx';
import { Time } from '../ui/time.tsx';
import { PasskeyDialog } from './passkey-dialog.tsx';
import styles from './settings.module.css';

export function PasskeyList() {
  const [isAdding, setAdding] = useState(false);
  const [removed, setRemoved] = useState<Passkey>();
  const client = useQueryClient();
  const query = useQuery({
    queryKey: ['passkeys'],
    queryFn: ({ signal }) => request<Passkeys>('GET', '/passkeys', { signal }),
  });
  const refresh = () => client.invalidateQueries({ queryKey: ['passkeys'] });
  const isSupported = browserSupportsWebAuthn();
  return (
    <Section
      title="Passkeys"
      about={
        isSupported
          ? 'Sign in with your fingerprint, your face or the code of your device.'
          : 'This browser offers passkeys only over HTTPS or at localhost. Open the dashboard there to add one.'
      }
      actions={
        isSupported && (
          <Button variant="default" leftSection={<IconAdd size={16} />} onClick={() => setAdding(true)}>
            Add a passkey
          </Button>
        )
      }
    >
      <QueryView query={query} rows={2}>
        {({ passkeys }) =>
          passkeys.length === 0 ? (
            <p className={styles.meta}>You have no passkey.</p>
          ) : (
            <ul className={styles.rows} aria-label="Passkeys">
              {passkeys.map((passkey) => (
                <li key={passkey.id} className={styles.item}>
                  <IconPasskey size={20} />
                  <div className={styles.itemText}>
                    <span className={styles.name}>{passkey.name}</span>
                    <div className={styles.meta}>
                      Added <Time at={passkey.createdAt} />
                      {passkey.lastUsedAt === null ? (
                        ' · not used yet'
                      ) : (
                        <>
                          {' · last used '}
                          <Time at={passkey.lastUsedAt} />
                        </>
                      )}
                    </div>
                  </div>
                  <Button
                    variant="subtle"
                    color="red"
                    size="compact-sm"
                    aria-label={`Remove ${passkey.name}`}
                    onClick={() => setRemoved(passkey)}
                  >
                    Remove
                  </Button>
                </li>
              ))}
            </ul>
          )
        }
      </QueryView>
      {isAdding && <PasskeyDialog onClose={() => setAdding(false)} onAdded={refresh} />}
      {removed !== undefined && (
        <Confirm
          title={`Remove ${removed.name}?`}
          action="Remove passkey"
          onClose={() => setRemoved(undefined)}
          run={() => request('DELETE', `/passkeys/${removed.id}`).then(refresh)}
        >
          It no longer signs you in. Delete it on the device as well, which otherwise still offers it.
        </Confirm>
      )}
    </Section>
  );
}
