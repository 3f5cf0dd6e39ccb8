/** Shows attachments: images and videos in place, sound with its controls, other files with name and size. */
import IconFile from 'icon:file';
import { lazy, useState } from 'react';
import { BASE } from '../../api/request.ts';
import type { Media } from '../../api/types.ts';
import { formatBytes } from '../../ui/format-bytes.ts';
import { Overlay } from '../../ui/overlay.tsx';
import styles from './attachments.module.css';

const Viewer = lazy(() => import('./viewer.tsx'));

/** Formats that browsers show. Others, such as HEIC, are offered as files. */
const IMAGES = new Set(['image/jpeg', 'image/png', 'image/gif', 'image/webp', 'image/avif', 'image/svg+xml']);
const WIDTH_MAX = 320;
const HEIGHT_MAX = 360;

export function Attachments({ media }: { media: readonly Media[] }) {
  const [viewed, setViewed] = useState<number>();
  const images = media.filter(isImage);
  return (
    <>
      {media.map((one) => (
        <Attachment key={one.id} media={one} onView={() => setViewed(images.indexOf(one))} />
      ))}
      {viewed !== undefined && (
        <Overlay onFailed={() => setViewed(undefined)}>
          <Viewer images={images} start={viewed} onClose={() => setViewed(undefined)} />
        </Overlay>
      )}
    </>
  );
}

function Attachment({ media, onView }: { media: Media; onView(): void }) {
  const [isBroken, setBroken] = useState(false);
  const source = mediaUrl(media);
  const kind = media.contentType?.split('/')[0];
  if (isImage(media) && !isBroken) {
    const size = shownSize(media);
    return (
      <button
        type="button"
        className={styles.image}
        onClick={onView}
        style={size}
        aria-label={`Open ${nameOf(media)}`}
      >
        <img
          src={source}
          alt={nameOf(media)}
          loading="lazy"
          decoding="async"
          onError={() => setBroken(true)}
        />
      </button>
    );
  }
  if (kind === 'video' && !isBroken) {
    return (
      // biome-ignore lint/a11y/useMediaCaption: a received video has no captions
      <video
        className={styles.video}
        style={shownSize(media)}
        src={source}
        controls
        preload="metadata"
        playsInline
        onError={() => setBroken(true)}
      />
    );
  }
  if (kind === 'audio' && !isBroken) {
    return (
      // biome-ignore lint/a11y/useMediaCaption: a received audio message has no captions
      <audio
        className={styles.audio}
        aria-label={nameOf(media)}
        src={source}
        controls
        preload="metadata"
        onError={() => setBroken(true)}
      />
    );
  }
  return (
    <a className={styles.file} href={source} download={media.name ?? ''} target="_blank" rel="noreferrer">
      <IconFile size={20} />
      <span className={styles.name}>{nameOf(media)}</span>
      {media.size !== null && <span className={styles.size}>{formatBytes(media.size)}</span>}
    </a>
  );
}

export const isImage = ({ contentType }: Media) => contentType !== null && IMAGES.has(contentType);
export const mediaUrl = ({ url }: Media) => (url.startsWith('/') ? BASE + url : url);

export function nameOf({ name, contentType }: Media): string {
  return name ?? contentType ?? 'Attachment';
}

/** Reserves the space before the image has loaded, so that nothing moves. */
function shownSize({ width, height }: Media): { width?: number; height?: number; aspectRatio?: string } {
  if (width === null || height === null || width <= 0 || height <= 0) return { width: 240, height: 180 };
  const scale = Math.min(1, WIDTH_MAX / width, HEIGHT_MAX / height);
  return { width: Math.max(48, Math.round(width * scale)), aspectRatio: `${width} / ${height}` };
}
