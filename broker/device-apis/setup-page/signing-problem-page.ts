/** Renders the page of a shortcut that no Mac signed, with the other ways to add it. */
import type { Signature } from '../../devices/shortcut-signing.ts';
import { EDITION_TITLES, otherEdition } from './edition.ts';
import type { OfferedShortcut } from './offered-shortcut.ts';
import { renderPage } from './page.ts';

const CONTENT = `<p><a href="/setup-shortcut?edition={{edition}}">‹ Back to the steps</a></p>
<h1>{{name}} was not signed</h1>
<p>{{problem}}</p>
{{#isLost}}
<p>The broker rejects this file: on the iPhone, its automations would be missing.</p>
<h2>Use the other edition</h2>
<p>The shortcuts for {{otherTitle}} work on this iPhone too. You create their automations by hand.</p>
<a class="button" href="/setup-shortcut?edition={{other}}">Show the shortcuts for {{otherTitle}}</a>
<p class="note">Or pair a Mac with macOS 27 or later with this broker, and press the button of the shortcut again.</p>
{{/isLost}}
<p><a href="/setup-shortcut/recipes/{{slug}}?edition={{edition}}">Build {{name}} by hand</a></p>`;

export function signingProblemPage(
  { slug, name, edition }: OfferedShortcut,
  signature: Exclude<Signature, { outcome: 'signed' }>,
): string {
  const other = otherEdition(edition);
  const problem =
    signature.outcome === 'no_mac'
      ? 'No connected Mac can sign this shortcut.'
      : signature.outcome === 'failed'
        ? `The Mac did not sign this shortcut: ${signature.problem}.`
        : signature.problem;
  return renderPage(`Homing: ${name} was not signed`, CONTENT, {
    ...{ slug, name, edition, other, problem },
    otherTitle: EDITION_TITLES[other],
    isLost: signature.outcome === 'lost_parts' && edition === 'ios-27',
  });
}
