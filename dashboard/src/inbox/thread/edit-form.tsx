/** Edits the text of a sent message in the place of its bubble. */
import { Button, Textarea } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, type KeyboardEvent, useState } from 'react';
import { Problem } from '../../ui/problem.tsx';
import styles from './edit-form.module.css';

const CHARACTERS_MAX = 5_000;

export default function EditForm({
  text,
  onSave,
  onClose,
}: {
  text: string;
  onSave(text: string): Promise<void>;
  onClose(): void;
}) {
  const [edited, setEdited] = useState(text);
  const save = useMutation({ mutationFn: () => onSave(edited), onSuccess: onClose });
  const isUnchanged = edited === text || edited.trim() === '';
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isUnchanged) save.mutate();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') onClose();
    if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) submit(event);
  };
  return (
    <form className={styles.form} onSubmit={submit}>
      <Problem error={save.error} />
      <Textarea
        aria-label="Edited text"
        autosize
        autoFocus
        minRows={1}
        maxRows={8}
        maxLength={CHARACTERS_MAX}
        dir="auto"
        value={edited}
        onChange={(event) => setEdited(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <div className={styles.buttons}>
        <Button size="xs" variant="default" onClick={onClose}>
          Keep the text
        </Button>
        <Button size="xs" type="submit" loading={save.isPending} disabled={isUnchanged}>
          Save
        </Button>
      </div>
    </form>
  );
}
