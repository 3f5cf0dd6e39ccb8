/** Renders the instructions to build one shortcut by hand, from the recipe that its file is built from. */
import type { OfferedShortcut } from './offered-shortcut.ts';
import { renderPage } from './page.ts';

const INDENT_REM = 1.2;

const CONTENT = `<p><a href="/setup-shortcut?edition={{edition}}">‹ Back to the steps</a></p>
<h1>Build {{name}} by hand</h1>
<p>Open the Shortcuts app, press +, name the shortcut <strong>{{name}}</strong>, and add these {{count}} actions in this
order. Find each action by its name. An indented action belongs inside the action above it.</p>
<p>Enter this address where a step asks for the address:</p>{{#brokerUrl}}{{> copyable}}{{/brokerUrl}}
<p>Enter this token where a step asks for the token:</p>{{#token}}{{> copyable}}{{/token}}
<ol class="actions">
{{#actions}}
<li{{#indent}} style="margin-left:{{.}}rem"{{/indent}}><strong>{{action}}</strong>{{#hasSettings}}<dl>{{#settings}}<dt>{{name}}:</dt><dd>{{value}}</dd>{{/settings}}</dl>{{/hasSettings}}</li>
{{/actions}}
</ol>
<p><a href="/setup-shortcut?edition={{edition}}">‹ Back to the steps</a></p>`;

export function recipePage(
  { name, steps, edition }: OfferedShortcut,
  { brokerUrl, token }: { brokerUrl: string; token: string },
): string {
  const actions = steps.map(({ depth, action, settings }) => ({
    action,
    settings,
    hasSettings: settings.length > 0,
    indent: depth === 0 ? false : String(depth * INDENT_REM),
  }));
  const view = { name, edition, count: actions.length, actions, brokerUrl, token };
  return renderPage(`Homing: build ${name} by hand`, CONTENT, view, { hasScript: true });
}
