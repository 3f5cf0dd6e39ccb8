/** Leads from a detail page back to its list. */
import IconBack from 'icon:arrow-left';
import { Button, type ButtonProps } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'wouter';

export function BackLink({ href, children, ...props }: { href: string; children: ReactNode } & ButtonProps) {
  return (
    <Button
      component={Link}
      href={href}
      variant="subtle"
      size="compact-sm"
      leftSection={<IconBack size={16} />}
      {...props}
    >
      {children}
    </Button>
  );
}
