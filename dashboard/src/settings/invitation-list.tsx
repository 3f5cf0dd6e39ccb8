/** Lists the open invitations and revokes them. */
import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { request } from '../api/request.ts';
import type { Invitation, InvitationList as Invitations } from '../api/types.ts';
import { DataTable } from '../ui/data-table.tsx';
import { Section } from '../ui/page.tsx';
import { QueryView } from '../ui/query-view.tsx';
import { formatAge, Time, useNow } from '../ui/time.tsx';
import { showDone, showProblem } from '../ui/toasts.tsx';
import { ROLE_NAMES } from './roles.ts';
import styles from './settings.module.css';

export function InvitationList() {
  const now = useNow();
  const query = useQuery({
    queryKey: ['invitations'],
    queryFn: ({ signal }) => request<Invitations>('GET', '/invitations', { signal }),
  });
  return (
    <Section title="Open invitations">
      <QueryView query={query} rows={2}>
        {({ invitations }) =>
          invitations.length === 0 ? (
            <p className={styles.meta}>No invitation is open.</p>
          ) : (
            <DataTable
              label="Open invitations"
              rows={invitations}
              keyOf={({ id }) => id}
              compact={(invitation) => (
                <div className={styles.compact}>
                  <div className={styles.itemText}>
                    <span className={styles.name}>{invitation.label || 'Not named'}</span>
                    <div className={styles.meta}>
                      {ROLE_NAMES[invitation.role]} · valid for {formatAge(invitation.expiresAt, now)}
                    </div>
                  </div>
                  <RevokeButton invitation={invitation} />
                </div>
              )}
              columns={[
                { name: 'For', cell: ({ label }) => label || 'Not named' },
                { name: 'Role', width: '100px', cell: ({ role }) => ROLE_NAMES[role] },
                { name: 'Created', width: '92px', cell: ({ createdAt }) => <Time at={createdAt} /> },
                {
                  name: 'Valid for',
                  width: '92px',
                  cell: ({ expiresAt }) => formatAge(expiresAt, now),
                },
                {
                  name: 'Revoke',
                  isNameHidden: true,
                  align: 'end',
                  width: '92px',
                  cell: (invitation) => <RevokeButton invitation={invitation} />,
                },
              ]}
            />
          )
        }
      </QueryView>
    </Section>
  );
}

function RevokeButton({ invitation: { id, label } }: { invitation: Invitation }) {
  const client = useQueryClient();
  const revoke = useMutation({
    mutationFn: () => request('DELETE', `/invitations/${id}`),
    onSuccess: () => {
      showDone('The invitation is revoked. Its link stopped working.');
      return client.invalidateQueries({ queryKey: ['invitations'] });
    },
    onError: showProblem,
  });
  return (
    <Button
      variant="subtle"
      color="red"
      size="compact-sm"
      loading={revoke.isPending}
      aria-label={`Revoke the invitation${label === '' ? '' : ` for ${label}`}`}
      onClick={() => revoke.mutate()}
    >
      Revoke
    </Button>
  );
}
