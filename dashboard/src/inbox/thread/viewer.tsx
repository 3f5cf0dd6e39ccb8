/** Shows the images of a message in the whole window. */

import IconLeft from 'icon:chevron-left';
import IconRight from 'icon:chevron-right';
import IconDownload from 'icon:download';
import { ActionIcon, Group, Modal, Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { Media } from '../../api/types.ts';
import { mediaUrl, nameOf } from './attachments.tsx';
import styles from './viewer.module.css';

export default function Viewer({
  images,
  start,
  onClose,
}: {
  images: readonly Media[];
  start: number;
  onClose(): void;
}) {
  const [index, setIndex] = useState(start);
  const step = (by: number) => setIndex((current) => (current + by + images.length) % images.length);
  const count = images.length;
  useEffect(() => {
    const onKey = ({ key }: KeyboardEvent) => {
      if (key === 'ArrowLeft') setIndex((current) => (current - 1 + count) % count);
      if (key === 'ArrowRight') setIndex((current) => (current + 1) % count);
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [count]);
  const image = images[index];
  if (image === undefined) return null;
  return (
    <Modal
      opened
      onClose={onClose}
      fullScreen
      title={
        <Group gap="sm">
          <Text size="sm">{nameOf(image)}</Text>
          {count > 1 && (
            <Text size="xs" c="dimmed">
              {index + 1} of {count}
            </Text>
          )}
          <ActionIcon component="a" href={mediaUrl(image)} download={image.name ?? ''} aria-label="Download">
            <IconDownload size={16} />
          </ActionIcon>
        </Group>
      }
    >
      <div className={styles.stage}>
        {count > 1 && (
          <ActionIcon aria-label="Previous image" onClick={() => step(-1)}>
            <IconLeft size={20} />
          </ActionIcon>
        )}
        <img className={styles.image} src={mediaUrl(image)} alt={nameOf(image)} />
        {count > 1 && (
          <ActionIcon aria-label="Next image" onClick={() => step(1)}>
            <IconRight size={20} />
          </ActionIcon>
        )}
      </div>
    </Modal>
  );
}
