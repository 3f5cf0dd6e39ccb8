/** The setup page's HTML: readable on a phone, without scripts, nothing loaded from anywhere. */
export type SetupState =
  | { kind: 'ready'; phoneNumber: string; code: string; minutesLeft: number; brokerUrl: string }
  | { kind: 'problem'; message: string };

const STYLE = `
  :root { color-scheme: light dark; }
  body { font: 17px/1.5 -apple-system, system-ui, sans-serif; margin: 0 auto; max-width: 36rem; padding: 2rem 1.25rem; }
  h1 { font-size: 1.5rem; line-height: 1.25; }
  code { font: 0.85em ui-monospace, Menlo, monospace; overflow-wrap: anywhere; }
  pre { background: color-mix(in srgb, currentColor 8%, transparent); border-radius: 0.6rem; padding: 0.9rem; white-space: pre-wrap; }
  .note { opacity: 0.75; font-size: 0.9rem; }
`;

export function setupPage(state: SetupState): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Homing: connect your number</title>
<style>${STYLE}</style>
</head>
<body>
${state.kind === 'ready' ? readyBody(state) : `<h1>Homing</h1>\n<p>${escapeHtml(state.message)}</p>`}
</body>
</html>
`;
}

function readyBody({
  phoneNumber,
  code,
  minutesLeft,
  brokerUrl,
}: Extract<SetupState, { kind: 'ready' }>): string {
  return `<h1>Connect ${escapeHtml(phoneNumber)}</h1>
<p>This link connects a device to the broker at <code>${escapeHtml(brokerUrl)}</code>, so that messages can be sent
from ${escapeHtml(phoneNumber)}. It works once, for ${minutesLeft} more minute${minutesLeft === 1 ? '' : 's'}.</p>
<p>On the Mac that is to send, run:</p>
<pre><code>npx homing relay pair --url ${escapeHtml(brokerUrl)} ${escapeHtml(code)}</code></pre>
<p>To try it without a Mac, be the device yourself:</p>
<pre><code>npx homing device --url ${escapeHtml(brokerUrl)} --code ${escapeHtml(code)}</code></pre>
<p class="note">Your own program can do the same: <code>POST ${escapeHtml(brokerUrl)}/relay/v1/pair</code> with
<code>{"code":"…"}</code> answers the device token, once.</p>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
