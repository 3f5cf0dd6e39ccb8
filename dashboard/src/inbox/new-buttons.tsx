/** Starts a conversation with one recipient or with a group. */
import IconNew from 'icon:edit';
import IconGroup from 'icon:users-plus';
import { ActionIcon, Tooltip } from '@mantine/core';
import { lazy, useState } from 'react';
import { Overlay } from '../ui/overlay.tsx';

const NewGroupDialog = lazy(() => import('./new-group-dialog.tsx'));

export function NewButtons({ open }: { open(path: string): void }) {
  const [isCreating, setCreating] = useState(false);
  return (
    <>
      <Tooltip label="New group">
        <ActionIcon aria-label="New group" size={36} onClick={() => setCreating(true)}>
          <IconGroup size={20} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label="New conversation">
        <ActionIcon aria-label="New conversation" size={36} onClick={() => open('/new')}>
          <IconNew size={20} />
        </ActionIcon>
      </Tooltip>
      {isCreating && (
        <Overlay onFailed={() => setCreating(false)}>
          <NewGroupDialog
            onClose={() => setCreating(false)}
            onCreated={(id) => {
              setCreating(false);
              open(`/${id}`);
            }}
          />
        </Overlay>
      )}
    </>
  );
}
