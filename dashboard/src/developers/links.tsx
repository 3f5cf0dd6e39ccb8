/** Shows the address of the API, the documentation, and how to point clients of other services at this broker. */
import IconDocs from 'icon:book';
import IconOpenApi from 'icon:braces';
import IconStart from 'icon:rocket';
import { Anchor } from '@mantine/core';
import type { ReactNode } from 'react';
import { BASE } from '../api/request.ts';
import { useSession } from '../session/session.tsx';
import { CodeLine } from '../ui/code.tsx';
import { Section } from '../ui/page.tsx';
import { apiUrl } from './api-url.ts';
import styles from './developers.module.css';

const DOCS = `${BASE}/docs`;
const PAGES = [
  {
    href: `${DOCS}/guides/quickstart`,
    name: 'Quickstart',
    about: 'Send the first message.',
    icon: IconStart,
  },
  { href: DOCS, name: 'Documentation', about: 'Guides, and each operation with examples.', icon: IconDocs },
  {
    href: `${BASE}/openapi.json`,
    name: 'OpenAPI',
    about: 'The description of all operations, for generators and assistants.',
    icon: IconOpenApi,
  },
];

export function Links() {
  const { account } = useSession();
  return (
    <>
      <Section
        title="Address of the API"
        about="The base URL of all APIs, for programs that can reach this page."
      >
        <CodeLine text={apiUrl()} label="Copy the address" />
      </Section>
      <Section title="Documentation">
        <ul className={styles.links}>
          {PAGES.map(({ href, name, about, icon: Icon }) => (
            <li key={href}>
              <Icon size={20} />
              <span>
                <Anchor href={href} target="_blank">
                  {name}
                </Anchor>
                <span className={styles.note}>{about}</span>
              </span>
            </li>
          ))}
        </ul>
      </Section>
      <Section
        title="Use a client that you already have"
        about="Programs for these services work with this broker. Change the base URL to the address above, and:"
      >
        <dl className={styles.clients}>
          <Client name="Texting Blue" guide="from-texting-blue">
            Send your key in <code>X-API-Key</code>.
          </Client>
          <Client name="Textree" guide="from-textree">
            Send your key in <code>Authorization: Bearer</code>.
          </Client>
          <Client name="Inkbox" guide="from-inkbox">
            Send your key in <code>X-API-Key</code>.
          </Client>
          <Client name="TextUs" guide="from-textus">
            Send your key in <code>Authorization: Bearer</code>, with <code>{account.slug}</code> as the
            account in paths.
          </Client>
        </dl>
      </Section>
    </>
  );
}

function Client({ name, guide, children }: { name: string; guide: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {children}{' '}
        <Anchor href={`${DOCS}/guides/${guide}`} target="_blank" aria-label={`Guide for ${name}`}>
          Guide
        </Anchor>
      </dd>
    </div>
  );
}
