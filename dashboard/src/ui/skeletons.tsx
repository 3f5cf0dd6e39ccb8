/** Shows the shape of the content while it is loading, after 150 ms so that quick responses do not flicker. */
import { Skeleton, Stack } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';

const DELAY_MS = 150;

export function Delayed({ children }: { children: ReactNode }) {
  const [isShown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), DELAY_MS);
    return () => clearTimeout(timer);
  }, []);
  return isShown ? <div aria-busy="true">{children}</div> : null;
}

export function RowSkeletons({ rows = 8, height = 36 }: { rows?: number; height?: number }) {
  return (
    <Delayed>
      <Stack gap={1} p="sm">
        {Array.from({ length: rows }, (_, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the rows never change
          <Skeleton key={index} height={height - 8} my={4} radius="sm" />
        ))}
      </Stack>
    </Delayed>
  );
}

export function PageSkeleton() {
  return <RowSkeletons rows={10} height={48} />;
}
