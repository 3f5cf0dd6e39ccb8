/** Lists the WhatsApp templates of the account. */
import { useQuery } from '@tanstack/react-query';
import type { WhatsappTemplates } from '../api/types.ts';
import { useEnvironment, useTenantRequest } from '../shell/environment.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Page } from '../ui/page.tsx';
import { QueryView } from '../ui/query-view.tsx';
import { Status, type StatusKind } from '../ui/status.tsx';
import styles from './settings.module.css';

type Template = WhatsappTemplates['templates'][number];

const STATUSES: Record<Template['status'], { kind: StatusKind; name: string }> = {
  approved: { kind: 'good', name: 'Approved' },
  pending: { kind: 'waiting', name: 'In review' },
  rejected: { kind: 'bad', name: 'Rejected' },
};

export function TemplateSettings() {
  const environment = useEnvironment();
  const send = useTenantRequest();
  const query = useQuery({
    queryKey: [environment, 'templates'],
    queryFn: ({ signal }) => send<WhatsappTemplates>('GET', '/whatsapp-templates', { signal }),
  });
  return (
    <Page
      title="WhatsApp templates"
      about="WhatsApp requires an approved template for the first message to a recipient. The templates come from the provider of your number."
    >
      <QueryView query={query}>
        {({ templates }) =>
          templates.length === 0 ? (
            <EmptyState title="No WhatsApp template">
              Templates appear here when a number of a provider has them. Create them in the account of the
              provider.
            </EmptyState>
          ) : (
            <ul className={styles.rows}>
              {templates.map((template) => (
                <TemplateRow key={template.id} template={template} />
              ))}
            </ul>
          )
        }
      </QueryView>
    </Page>
  );
}

function TemplateRow({ template }: { template: Template }) {
  const { title, language, status, category, quality, body, quickReplies } = template;
  const facts = [language, category.toLowerCase(), quality && `quality ${quality.toLowerCase()}`].filter(
    Boolean,
  );
  return (
    <li className={styles.item}>
      <div className={styles.itemText}>
        <span className={styles.name}>{title}</span>
        <div className={styles.meta}>{facts.join(' · ')}</div>
        <p className={styles.bodyText} dir="auto">
          {body}
        </p>
        {quickReplies.length > 0 && (
          <div className={styles.meta}>Quick replies: {quickReplies.join(', ')}</div>
        )}
      </div>
      <Status kind={STATUSES[status].kind}>{STATUSES[status].name}</Status>
    </li>
  );
}
