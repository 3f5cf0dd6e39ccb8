/** Lists the members of the account and changes their roles. Owners also see the open invitations. */
import IconInvite from 'icon:plus';
import { Button, Select } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { request } from '../api/request.ts';
import type { Member, MemberList, Role } from '../api/types.ts';
import { useIsOwner, useSession } from '../session/session.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { type Column, DataTable } from '../ui/data-table.tsx';
import { Page } from '../ui/page.tsx';
import { QueryView } from '../ui/query-view.tsx';
import { Time } from '../ui/time.tsx';
import { showDone, showProblem } from '../ui/toasts.tsx';
import { InvitationList } from './invitation-list.tsx';
import { InviteDialog } from './invite-dialog.tsx';
import { ROLE_NAMES, ROLES } from './roles.ts';
import styles from './settings.module.css';

export function MemberSettings() {
  const isOwner = useIsOwner();
  const [isInviting, setInviting] = useState(false);
  const [removed, setRemoved] = useState<Member>();
  const client = useQueryClient();
  const query = useQuery({
    queryKey: ['members'],
    queryFn: ({ signal }) => request<MemberList>('GET', '/members', { signal }),
  });
  const refresh = () => client.invalidateQueries({ queryKey: ['members'] });
  return (
    <Page
      title="Members"
      about="The people who can sign in to this dashboard."
      actions={
        isOwner && (
          <Button leftSection={<IconInvite size={16} />} onClick={() => setInviting(true)}>
            Invite
          </Button>
        )
      }
    >
      <QueryView query={query}>
        {({ members }) => (
          <div className={styles.table}>
            <DataTable
              label="Members"
              rows={members}
              keyOf={({ id }) => id}
              compact={(member) => <CompactMember member={member} onRemove={() => setRemoved(member)} />}
              columns={isOwner ? [...COLUMNS, removalColumn(setRemoved)] : COLUMNS}
            />
          </div>
        )}
      </QueryView>
      {isOwner && <InvitationList />}
      {isInviting && <InviteDialog onClose={() => setInviting(false)} />}
      {removed !== undefined && (
        <Confirm
          title={`Remove ${removed.name}?`}
          action="Remove member"
          onClose={() => setRemoved(undefined)}
          run={() => request('DELETE', `/members/${removed.id}`).then(refresh)}
        >
          {removed.name} is signed out immediately, on every device. Messages, notes and the audit log stay.
        </Confirm>
      )}
    </Page>
  );
}

const COLUMNS: ReadonlyArray<Column<Member>> = [
  { name: 'Member', cell: (member) => <Name member={member} /> },
  { name: 'Role', width: '136px', cell: (member) => <RoleCell member={member} /> },
  {
    name: 'Last seen',
    width: '108px',
    cell: ({ lastSeenAt }) => (lastSeenAt === null ? 'Never' : <Time at={lastSeenAt} />),
  },
];

const removalColumn = (remove: (member: Member) => void): Column<Member> => ({
  name: 'Remove',
  isNameHidden: true,
  align: 'end',
  width: '92px',
  cell: (member) => <RemoveButton member={member} onRemove={() => remove(member)} />,
});

function Name({ member: { id, name, email } }: { member: Member }) {
  const { member } = useSession();
  return (
    <div className={styles.itemText}>
      <span className={styles.name}>{name}</span> {id === member.id && '(you)'}
      <div className={styles.meta}>{email}</div>
    </div>
  );
}

function CompactMember({ member, onRemove }: { member: Member; onRemove(): void }) {
  const isOwner = useIsOwner();
  return (
    <div className={styles.compact}>
      <Name member={member} />
      <div className={styles.itemActions} data-column>
        <RoleCell member={member} />
        {isOwner && <RemoveButton member={member} onRemove={onRemove} />}
      </div>
    </div>
  );
}

function RemoveButton({ member, onRemove }: { member: Member; onRemove(): void }) {
  const session = useSession();
  if (member.id === session.member.id) return null;
  return (
    <Button
      variant="subtle"
      color="red"
      size="compact-sm"
      onClick={onRemove}
      aria-label={`Remove ${member.name}`}
    >
      Remove
    </Button>
  );
}

function RoleCell({ member: { id, name, role } }: { member: Member }) {
  const isOwner = useIsOwner();
  const { member } = useSession();
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: (next: Role) => request('PATCH', `/members/${id}`, { body: { role: next } }),
    onSuccess: (_, next) => {
      showDone(`${name} is now ${ROLE_NAMES[next].toLowerCase()}.`, () => change.mutate(role));
      return client.invalidateQueries({ queryKey: ['members'] });
    },
    onError: showProblem,
  });
  if (!isOwner || id === member.id) return ROLE_NAMES[role];
  return (
    <Select
      size="xs"
      w={112}
      aria-label={`Role of ${name}`}
      allowDeselect={false}
      disabled={change.isPending}
      data={ROLES.map(({ value, label }) => ({ value, label }))}
      value={role}
      onChange={(next) => next !== null && next !== role && change.mutate(next)}
    />
  );
}
