/** Copies text to the clipboard. */

import IconDone from 'icon:check';
import IconCopy from 'icon:copy';
import { ActionIcon, Tooltip } from '@mantine/core';
import { useState } from 'react';

const DONE_MS = 1_500;

export async function copyText(text: string): Promise<void> {
  if (navigator.clipboard !== undefined) {
    await navigator.clipboard.writeText(text);
    return;
  }
  // The clipboard needs HTTPS, which a broker in a home network does not have.
  const field = document.createElement('textarea');
  field.value = text;
  field.style.position = 'fixed';
  field.style.opacity = '0';
  const container = document.querySelector('[role="dialog"]') ?? document.body;
  container.append(field);
  field.select();
  document.execCommand('copy');
  field.remove();
}

export function CopyButton({ text, label }: { text: string; label: string }) {
  const [isDone, setDone] = useState(false);
  const copy = async () => {
    await copyText(text);
    setDone(true);
    setTimeout(() => setDone(false), DONE_MS);
  };
  return (
    <Tooltip label={isDone ? 'Copied' : label}>
      <ActionIcon aria-label={label} onClick={() => void copy()}>
        {isDone ? <IconDone size={16} color="var(--green)" /> : <IconCopy size={16} />}
      </ActionIcon>
    </Tooltip>
  );
}
