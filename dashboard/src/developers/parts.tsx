/** Small parts that the pages of a webhook and of a delivery have in common. */
import IconBack from 'icon:arrow-left';
import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'wouter';

export function BackLink({ href, children }: { href: string; children: ReactNode }) {
  return (
    <Button
      component={Link}
      href={href}
      variant="subtle"
      size="compact-sm"
      mt="md"
      ml={-8}
      leftSection={<IconBack size={16} />}
    >
      {children}
    </Button>
  );
}

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
