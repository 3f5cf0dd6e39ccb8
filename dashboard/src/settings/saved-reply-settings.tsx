/** Lists the saved replies, and creates, changes and deletes them. */
import IconMore from 'icon:dots';
import IconAdd from 'icon:plus';
import { ActionIcon, Button, Menu } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { SavedReply, SavedReplyList } from '../api/types.ts';
import { useCanWrite } from '../session/session.tsx';
import { useEnvironment, useTenantRequest } from '../shell/environment.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Page } from '../ui/page.tsx';
import { QueryView } from '../ui/query-view.tsx';
import { showDone, showProblem } from '../ui/toasts.tsx';
import { SavedReplyDialog } from './saved-reply-dialog.tsx';
import styles from './settings.module.css';

export function SavedReplySettings() {
  const environment = useEnvironment();
  const send = useTenantRequest();
  const client = useQueryClient();
  const canWrite = useCanWrite();
  /** `new`, or the reply to change. */
  const [open, setOpen] = useState<SavedReply | 'new'>();
  const query = useQuery({
    queryKey: [environment, 'saved-replies', 'all'],
    queryFn: ({ signal }) => send<SavedReplyList>('GET', '/saved-replies', { signal }),
  });
  const refresh = () => client.invalidateQueries({ queryKey: [environment, 'saved-replies'] });
  const remove = async ({ id, title, body }: SavedReply) => {
    const restore = () =>
      send('POST', '/saved-replies', { body: { title, body } }).then(refresh).catch(showProblem);
    try {
      await send('DELETE', `/saved-replies/${id}`);
      showDone(`“${title}” is deleted.`, () => void restore());
      await refresh();
    } catch (error) {
      showProblem(error);
    }
  };
  const newButton = canWrite && (
    <Button leftSection={<IconAdd size={16} />} onClick={() => setOpen('new')}>
      New saved reply
    </Button>
  );
  return (
    <Page
      title="Saved replies"
      about="Texts that every member can insert into a message."
      actions={(query.data?.savedReplies.length ?? 0) > 0 && newButton}
    >
      <QueryView query={query}>
        {({ savedReplies }) =>
          savedReplies.length === 0 ? (
            <EmptyState title="No saved reply" action={newButton}>
              Save a text that you send often, such as your opening hours.
            </EmptyState>
          ) : (
            <ul className={styles.rows} aria-label="Saved replies">
              {savedReplies.map((reply) => (
                <li key={reply.id} className={styles.item}>
                  <div className={styles.itemText}>
                    <span className={styles.name}>{reply.title}</span>
                    <p className={styles.bodyText} dir="auto">
                      {reply.body}
                    </p>
                  </div>
                  {canWrite && (
                    <ReplyMenu
                      reply={reply}
                      onEdit={() => setOpen(reply)}
                      onDelete={() => void remove(reply)}
                    />
                  )}
                </li>
              ))}
            </ul>
          )
        }
      </QueryView>
      {open !== undefined && (
        <SavedReplyDialog
          reply={open === 'new' ? undefined : open}
          onClose={() => setOpen(undefined)}
          onSaved={refresh}
        />
      )}
    </Page>
  );
}

function ReplyMenu({ reply, onEdit, onDelete }: { reply: SavedReply; onEdit(): void; onDelete(): void }) {
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon aria-label={`Menu of ${reply.title}`}>
          <IconMore size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={onEdit}>Edit</Menu.Item>
        <Menu.Item color="red" onClick={onDelete}>
          Delete
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
