/** Makes the overview page: description, guides, keys and APIs. */
import type { Page } from './page.ts';
import { link, prose, table } from './prose.ts';
import type { ApiPages } from './reference-pages.ts';

const INTRODUCTION = `Homing turns an iPhone or a Mac that you already own into an iMessage API. The **broker** accepts messages
over HTTP and stores them in a durable queue. Your **device** connects to the broker, sends the messages through the Messages
app and reports their status. Inbound messages reach your webhooks and event streams.

- **Your own server and number.** Messages pass through no hosted service.
- **Durable.** A message with a \`202\` response is on disk. A message is never sent twice.
- **Compatible.** Clients of Texting Blue, Textree, Inkbox and TextUs work after a change of address and key, on the same
  messages.`;

const KEYS = `Almost every request needs a key. A **test key** (\`tb_test_…\`) uses the sandbox: every operation works, and nothing
leaves the broker. A **live key** (\`tb_live_…\`) sends real messages through your device. The first start prints one key of
each kind. \`npx homing keys create\` creates more.`;

export function overviewPage(guides: readonly Page[], apis: readonly ApiPages[]): Page {
  return {
    path: '/docs',
    heading: 'Homing',
    title: 'Homing: a self-hosted iMessage API',
    description:
      'Homing turns an iPhone or a Mac that you own into an iMessage API: guides, reference and samples in five languages.',
    markdown: () =>
      [
        '# Homing',
        INTRODUCTION,
        '## Guides',
        guides
          .map(({ path, heading, description }) => `- ${link(heading, path)}: ${prose(description)}`)
          .join('\n'),
        '## Keys',
        KEYS,
        '## APIs',
        'All APIs work on the same account, with the same keys and messages.',
        table(
          ['API', 'description'],
          apis.map(({ description, page }) => [
            link(prose(description.title), page.path),
            prose(description.summary),
          ]),
        ),
        '## For tools',
        [
          '- [OpenAPI 3.1](/openapi.json): one document of every operation, for code generators and clients.',
          '- [The interactive reference](/docs/interactive): try operations out in the browser.',
          '- [llms.txt](/llms.txt): an index of these pages as Markdown, for language models; [all pages in one file](/llms-full.txt).',
          `- ${link('Settings', '/docs/settings')}: every setting of the broker.`,
        ].join('\n'),
      ].join('\n\n'),
  };
}
