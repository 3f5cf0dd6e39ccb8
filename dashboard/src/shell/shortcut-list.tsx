/** Lists the keys that work in the current view. */
import { Kbd, Modal, Table } from '@mantine/core';
import { isMac, useKeyboard } from './keyboard.tsx';
import { VIEWS } from './views.ts';

export default function ShortcutList({ onClose }: { onClose(): void }) {
  const command = isMac ? '⌘' : 'Ctrl';
  const rows = [
    ...useKeyboard()
      .active()
      .map(({ key, isCommand, description }) => ({
        keys: isCommand ? [command, nameOf(key)] : [nameOf(key)],
        description,
      })),
    ...VIEWS.map(({ key, name }) => ({ keys: ['g', key], description: `Open ${name}` })),
    { keys: [command, '↵'], description: 'Send the message' },
    { keys: [command, 'K'], description: 'Open the command palette' },
    { keys: ['?'], description: 'Show this list' },
  ];
  return (
    <Modal opened onClose={onClose} title="Keyboard shortcuts">
      <Table>
        <Table.Tbody>
          {rows.map(({ keys, description }) => (
            <Table.Tr key={description}>
              <Table.Td>{description}</Table.Td>
              <Table.Td ta="right">
                {keys.map((key) => (
                  <Kbd key={key} ml={4}>
                    {key}
                  </Kbd>
                ))}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Modal>
  );
}

function nameOf(key: string): string {
  return key === 'Enter' ? '↵' : key === 'Escape' ? 'Esc' : key;
}
