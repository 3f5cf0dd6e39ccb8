/** Shows the recognised columns of a file and its first rows, before the import. */
import { Alert } from '@mantine/core';
import type { ContactImportPreview } from '../api/types.ts';
import { countOf } from '../ui/count-of.ts';
import { Section } from '../ui/page.tsx';
import styles from './contacts.module.css';
import { SkippedRows } from './skipped-rows.tsx';

type Column = ContactImportPreview['columns'][number];

const USES: Record<Exclude<Column['use'], 'customField'>, string> = {
  handle: 'Number or address',
  name: 'Name',
  firstName: 'First name',
  lastName: 'Last name',
  email: 'E-mail address',
  optedOut: 'Opted out',
  ignored: 'Not imported',
};

export function ImportPreview({ preview, fileName }: { preview: ContactImportPreview; fileName: string }) {
  const { columns, firstRows, contactCount, skippedCount } = preview;
  return (
    <>
      <Section
        title={fileName}
        about={`${countOf(contactCount, 'contact')} to import${skippedCount === 0 ? '' : `, ${countOf(skippedCount, 'line')} to skip`}. The first rows:`}
      >
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard scrolls it */}
        <section className={styles.preview} tabIndex={0} aria-label="First rows of the file">
          <table>
            <thead>
              <tr>
                {columns.map((column, index) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: names may repeat
                  <th key={index} scope="col">
                    {column.name || 'No name'}
                    <span className={styles.use} data-ignored={column.use === 'ignored' || undefined}>
                      {labelOf(column)}
                    </span>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {firstRows.map((row, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: rows have no other identity
                <tr key={index}>
                  {columns.map((_, at) => (
                    // biome-ignore lint/suspicious/noArrayIndexKey: cells have no other identity
                    <td key={at}>{row[at] ?? ''}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      </Section>
      {contactCount === 0 && (
        <Alert variant="light" color="yellow">
          No line can be imported. Correct the file and choose it again.
        </Alert>
      )}
      <SkippedRows {...preview} title="Lines that are skipped" />
    </>
  );
}

function labelOf({ use, field }: Column): string {
  return use === 'customField' ? `Custom field ${field}` : USES[use];
}
