/** Renders the page at `/`: the running program, its version, and links to the documentation and the status. */
import Mustache from 'mustache';
import { framePage } from './frame.ts';

const CONTENT = `<h1>Homing is running</h1>
<p>This is a Homing broker, version {{version}}. It turns an iPhone or a Mac into an iMessage API. The APIs have the
address <code>{{publicUrl}}</code>.</p>
<ul class="places">
{{#places}}
<li><a href="{{base}}{{path}}">{{name}}</a><p>{{text}}</p></li>
{{/places}}
</ul>
`;

const PLACES = [
  { path: '/docs/guides/quickstart', name: 'Quickstart', text: 'Send the first message, in the sandbox.' },
  { path: '/docs', name: 'Documentation', text: 'Guides, settings and the reference of every API.' },
  {
    path: '/docs/interactive',
    name: 'Interactive reference',
    text: 'Try the operations out in the browser.',
  },
  {
    path: '/openapi.json',
    name: 'OpenAPI 3.1',
    text: 'One document of all operations and events, for tools.',
  },
  { path: '/readyz', name: 'Status', text: 'Whether the broker accepts requests, as JSON.' },
];

export interface StartPage {
  version: string;
  publicUrl: string;
  /** Path prefix of the site. */
  base: string;
  sections: Parameters<typeof framePage>[0]['sections'];
}

export function startPage({ version, publicUrl, base, sections }: StartPage): string {
  return framePage({
    title: 'Homing is running',
    description: 'The documentation and the status of this Homing broker.',
    ...{ canonical: '', markdown: '', base, sections, headings: [], rest: '' },
    intro: Mustache.render(CONTENT, { version, publicUrl, base, places: PLACES }),
  });
}
