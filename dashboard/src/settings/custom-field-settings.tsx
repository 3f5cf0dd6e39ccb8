/** Lists the custom fields of the contacts. */
import { Anchor, Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import type { ContactFields } from '../api/types.ts';
import { useEnvironment, useTenantRequest } from '../shell/environment.tsx';
import { CopyButton } from '../ui/copy.tsx';
import { DataTable } from '../ui/data-table.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Page } from '../ui/page.tsx';
import { QueryView } from '../ui/query-view.tsx';
import { viewPath } from '../ui/view-path.ts';
import styles from './settings.module.css';

export function CustomFieldSettings() {
  const environment = useEnvironment();
  const send = useTenantRequest();
  const query = useQuery({
    queryKey: [environment, 'contacts', 'fields'],
    queryFn: ({ signal }) => send<ContactFields>('GET', '/contact-fields', { signal }),
  });
  return (
    <Page
      title="Custom fields"
      about={
        <>
          Further facts about your contacts, such as a city or a customer number. A field exists as soon as a{' '}
          <Anchor component={Link} inherit href={viewPath('/contacts')}>
            contact
          </Anchor>{' '}
          has it.
        </>
      }
    >
      <QueryView query={query}>
        {({ fields }) =>
          fields.length === 0 ? (
            <EmptyState
              title="No custom field"
              action={
                <Button component={Link} href={viewPath('/contacts')} variant="default">
                  Open contacts
                </Button>
              }
            >
              Add a field to a contact, or import a CSV file with further columns.
            </EmptyState>
          ) : (
            <div className={styles.table}>
              {' '}
              <DataTable
                label="Custom fields"
                rows={fields}
                keyOf={(name) => name}
                compact={(name) => (
                  <div className={styles.compact}>
                    <div className={styles.itemText}>
                      <span className={styles.name}>{name}</span>
                      <div className={styles.meta}>
                        <code>{mergeTag(name)}</code>
                      </div>
                    </div>
                    <CopyButton text={mergeTag(name)} label={`Copy the merge field of ${name}`} />
                  </div>
                )}
                columns={[
                  { name: 'Field', width: '240px', cell: (name) => name },
                  { name: 'In a saved reply', cell: (name) => <code>{mergeTag(name)}</code> },
                  {
                    name: 'Copy',
                    isNameHidden: true,
                    align: 'end',
                    width: '40px',
                    cell: (name) => (
                      <CopyButton text={mergeTag(name)} label={`Copy the merge field of ${name}`} />
                    ),
                  },
                ]}
              />
            </div>
          )
        }
      </QueryView>
    </Page>
  );
}

const mergeTag = (name: string) => `{{contact.custom.${name}}}`;
