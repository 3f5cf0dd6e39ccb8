/**
 * Shows rows in a table, 36 px each. Below 640 px each row becomes a block with the names of its columns, so that nothing
 * is cut. A row with `onOpen` opens by a click, and by the keyboard through the link in its first cell.
 */
import { useMediaQuery } from '@mantine/hooks';
import type { ReactNode } from 'react';
import styles from './data-table.module.css';

export interface Column<Row> {
  name: string;
  /** Hides the name, for columns of buttons. */
  isNameHidden?: boolean;
  align?: 'end';
  /** A fixed width, in CSS. */
  width?: string;
  cell(row: Row): ReactNode;
}

interface Props<Row> {
  label: string;
  columns: ReadonlyArray<Column<Row>>;
  rows: readonly Row[];
  keyOf(row: Row): string;
  onOpen?(row: Row): void;
  /** Replaces the blocks below 640 px, for lists that a person scans. */
  compact?(row: Row): ReactNode;
}

const NARROW = '(max-width: 639px)';

export function DataTable<Row>({ label, columns, rows, keyOf, onOpen, compact }: Props<Row>) {
  const isNarrow = useMediaQuery(NARROW, matchMedia(NARROW).matches);
  if (compact !== undefined && isNarrow) {
    return (
      <ul className={styles.compact} aria-label={label}>
        {rows.map((row) => (
          <li key={keyOf(row)}>{compact(row)}</li>
        ))}
      </ul>
    );
  }
  return (
    <table className={styles.table} aria-label={label}>
      <thead>
        <tr>
          {columns.map(({ name, isNameHidden, align, width }) => (
            <th key={name} scope="col" data-align={align} style={width === undefined ? undefined : { width }}>
              {isNameHidden ? <span className="visually-hidden">{name}</span> : name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr
            key={keyOf(row)}
            data-opens={onOpen !== undefined || undefined}
            onClick={(event) => {
              const target = event.target as HTMLElement;
              // React passes on the events of a dialog that was opened from the row.
              if (!event.currentTarget.contains(target) || target.closest('a, button, input') !== null)
                return;
              if (getSelection()?.isCollapsed !== false) onOpen?.(row);
            }}
          >
            {columns.map(({ name, isNameHidden, align, cell }) => (
              <td key={name} data-label={isNameHidden ? undefined : name} data-align={align}>
                {cell(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
