/** Chooses the effect with which the message appears. */
import IconEffect from 'icon:sparkles';
import { ActionIcon, Menu, Tooltip } from '@mantine/core';
import { useState } from 'react';
import { EFFECTS, type Effect } from '../thread/effects.ts';

const BUBBLE: readonly Effect[] = ['slam', 'loud', 'gentle', 'invisible'];
const SCREEN = (Object.keys(EFFECTS) as Effect[]).filter((effect) => !BUBBLE.includes(effect));
const GROUPS = [
  { name: 'Bubble', effects: BUBBLE },
  { name: 'Screen', effects: SCREEN },
];

const titleOf = (effect: Effect) => {
  const name = EFFECTS[effect].replace(/^an? /, '');
  return name.charAt(0).toUpperCase() + name.slice(1);
};

export function EffectMenu({
  effect,
  onChange,
}: {
  effect: Effect | null;
  onChange(effect: Effect | null): void;
}) {
  const [isOpen, setOpen] = useState(false);
  const label = effect === null ? 'Send with an effect' : `Effect: ${EFFECTS[effect]}`;
  return (
    <Menu position="top-end" withinPortal opened={isOpen} onChange={setOpen}>
      <Menu.Target>
        <Tooltip label={label} disabled={isOpen}>
          <ActionIcon
            aria-label={label}
            size={36}
            variant={effect === null ? 'subtle' : 'light'}
            color={effect === null ? 'gray' : 'blue'}
          >
            <IconEffect size={20} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown mah="min(420px, 60vh)" style={{ overflowY: 'auto' }}>
        {effect !== null && <Menu.Item onClick={() => onChange(null)}>No effect</Menu.Item>}
        {GROUPS.map(({ name, effects }) => (
          <div key={name}>
            <Menu.Label>{name}</Menu.Label>
            {effects.map((one) => (
              <Menu.Item key={one} onClick={() => onChange(one)} aria-current={one === effect || undefined}>
                {titleOf(one)}
              </Menu.Item>
            ))}
          </div>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
