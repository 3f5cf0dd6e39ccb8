/** `/docs`: what Homing is, its APIs, and where to begin. */
import type { Page } from './page.ts';
import { link, prose, table } from './prose.ts';
import type { ApiPages } from './reference-pages.ts';

const WHAT = `Homing turns an iPhone or a Mac that you already own into an iMessage API. A small **broker** takes messages over
REST, keeps them in a durable queue and hands them to your **device**, which sends them through Messages and reports what
became of them. Texts that come in go the other way, to your webhooks.

- **Yours.** It runs where you like, on your number. Nothing goes through anybody else's service.
- **Loses nothing, never sends twice.** A \`202\` means that the message is on disk.
- **Speaks APIs that exist.** Clients of Texting Blue, Textree, Inkbox and TextUs work with the address and the key changed,
  and see each other's messages.`;

const KEYS = `Every call but a few carries a key. A **test key** (\`tb_test_…\`) opens the sandbox: everything works as it does
live, and nothing leaves the broker. A **live key** (\`tb_live_…\`) sends real messages through your device. The first start
prints one of each; \`npx homing keys create\` makes more.`;

export function overviewPage(guides: readonly Page[], apis: readonly ApiPages[]): Page {
  return {
    path: '/docs',
    heading: 'Homing',
    title: 'Homing: an iMessage API of your own',
    description:
      'Homing turns an iPhone or a Mac that you own into an iMessage API: guides, reference and samples in five languages.',
    markdown: () =>
      [
        '# Homing',
        WHAT,
        '## Where to begin',
        guides
          .map(({ path, heading, description }) => `- ${link(heading, path)}: ${prose(description)}`)
          .join('\n'),
        '## Keys',
        KEYS,
        '## The APIs',
        'One account can be used by each of these, with the same keys. What one sends the others see.',
        table(
          ['API', 'what for'],
          apis.map(({ description, page }) => [
            link(prose(description.title), page.path),
            prose(description.summary),
          ]),
        ),
        '## For tools',
        [
          '- [OpenAPI 3.1](/openapi.json): every operation as one document, for generators and clients.',
          '- [The interactive reference](/docs/interactive): try operations out in the browser.',
          '- [llms.txt](/llms.txt): these pages as Markdown, for programs that read; [all of them in one](/llms-full.txt).',
          `- ${link('Settings', '/docs/settings')}: every setting of the broker.`,
        ].join('\n'),
      ].join('\n\n'),
  };
}
