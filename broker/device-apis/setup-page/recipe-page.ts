/** A shortcut to be built by hand, action by action, from the same source as its file. */
import type { OfferedShortcut } from './offered-shortcut.ts';
import { escapeHtml, setupHtml } from './page.ts';

export function recipePage(
  { name, steps }: OfferedShortcut,
  { brokerUrl, token }: { brokerUrl: string; token: string },
): string {
  const actions = steps.map(({ depth, action, settings }) => {
    const listed = settings.map(
      (setting) => `<dt>${escapeHtml(setting.name)}:</dt><dd>${escapeHtml(setting.value)}</dd>`,
    );
    const indent = depth === 0 ? '' : ` style="margin-left:${depth * 1.2}rem"`;
    return `<li${indent}><strong>${escapeHtml(action)}</strong>${listed.length === 0 ? '' : `<dl>${listed.join('')}</dl>`}</li>`;
  });
  return setupHtml(
    `Homing: ${name}, by hand`,
    `<p><a href="/setup-shortcut">‹ Back to the steps</a></p>
<h1>${escapeHtml(name)}, by hand</h1>
<p>Open the Shortcuts app, press +, name the shortcut <strong>${escapeHtml(name)}</strong>, and add these ${actions.length}
actions in this order. Search for each by its name. What is indented stands between the action above it and its end.</p>
<p>Where the address is asked for:</p>${copyable(brokerUrl)}
<p>Where the token is asked for:</p>${copyable(token)}
<ol class="actions">
${actions.join('\n')}
</ol>
<p><a href="/setup-shortcut">‹ Back to the steps</a></p>`,
    '<script src="/setup-shortcut/live.js" defer></script>\n',
  );
}

/** A value that people copy into the phone. */
export function copyable(value: string): string {
  const text = escapeHtml(value);
  return `<div class="copy"><code>${text}</code><button type="button" data-copy="${text}">Copy</button></div>`;
}
