/** Uploads the attachments of a message while it is written, with their progress. */
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { upload } from '../../api/request.ts';
import type { Media } from '../../api/types.ts';
import { useEnvironment } from '../../shell/environment.tsx';
import { problemText } from '../../ui/problem.tsx';
import { randomKey } from '../../ui/random-key.ts';

export interface Upload {
  key: string;
  name: string;
  size: number;
  /** URL of the image in the browser; undefined for other files. */
  preview: string | undefined;
  progress: number;
  media: Media | undefined;
  problem: string | undefined;
}

/** As many as Messages sends at once. */
const FILES_MAX = 10;

export interface Uploads {
  all: readonly Upload[];
  done: readonly Media[];
  isBusy: boolean;
  hasFailed: boolean;
  add(files: FileList): void;
  remove(key: string): void;
  clear(): void;
}

export function useUploads(): Uploads {
  const environment = useEnvironment();
  const [all, setAll] = useState<readonly Upload[]>([]);
  const previews = useRef(new Set<string>());
  useEffect(
    () => () => {
      for (const url of previews.current) URL.revokeObjectURL(url);
    },
    [],
  );
  const change = useCallback(
    (key: string, next: Partial<Upload>) =>
      setAll((current) => current.map((one) => (one.key === key ? { ...one, ...next } : one))),
    [],
  );
  const add = useCallback(
    (files: FileList) => {
      for (const file of [...files].slice(0, FILES_MAX)) {
        const preview = file.type.startsWith('image/') ? URL.createObjectURL(file) : undefined;
        if (preview !== undefined) previews.current.add(preview);
        const key = randomKey();
        const started: Upload = {
          ...{ key, name: file.name, size: file.size, preview },
          ...{ progress: 0, media: undefined, problem: undefined },
        };
        setAll((current) => (current.length < FILES_MAX ? [...current, started] : current));
        upload<Media>(`/${environment}/uploads`, file, (progress) => change(key, { progress })).then(
          (media) => change(key, { media, progress: 1 }),
          (error: Error) => change(key, { problem: problemText(error) }),
        );
      }
    },
    [environment, change],
  );
  return useMemo(
    () => ({
      all,
      done: all.flatMap(({ media }) => media ?? []),
      isBusy: all.some(({ media, problem }) => media === undefined && problem === undefined),
      hasFailed: all.some(({ problem }) => problem !== undefined),
      add,
      remove: (key) => setAll((current) => current.filter((one) => one.key !== key)),
      clear: () => setAll([]),
    }),
    [all, add],
  );
}
