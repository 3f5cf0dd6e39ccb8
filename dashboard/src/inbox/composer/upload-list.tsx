/** Lists the attachments of the message that is being written. */

import IconFile from 'icon:file';
import { CloseButton, RingProgress } from '@mantine/core';
import { formatBytes } from '../../ui/format-bytes.ts';
import styles from './composer.module.css';
import type { Upload, Uploads } from './use-uploads.ts';

export function UploadList({ uploads }: { uploads: Uploads }) {
  if (uploads.all.length === 0) return null;
  return (
    <ul className={styles.uploads}>
      {uploads.all.map((one) => (
        <li key={one.key} className={styles.upload} data-failed={one.problem !== undefined || undefined}>
          {one.preview === undefined ? <IconFile size={20} /> : <img src={one.preview} alt="" />}
          <span className={styles.uploadName} title={one.name}>
            {one.problem ?? one.name}
          </span>
          <Progress upload={one} />
          <CloseButton size="sm" aria-label={`Remove ${one.name}`} onClick={() => uploads.remove(one.key)} />
        </li>
      ))}
    </ul>
  );
}

function Progress({ upload: { media, problem, progress, size } }: { upload: Upload }) {
  if (problem !== undefined) return null;
  if (media !== undefined) return <span>{formatBytes(size)}</span>;
  const percent = Math.round(progress * 100);
  return (
    <RingProgress
      size={20}
      thickness={3}
      sections={[{ value: percent, color: 'blue' }]}
      role="progressbar"
      aria-label="Upload"
      aria-valuenow={percent}
    />
  );
}
