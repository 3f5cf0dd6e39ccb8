/** Renders the page of a problem, with the ways to a new setup link. */
import { renderPage } from './page.ts';

const CONTENT = `<h1>Homing</h1>
<p>{{message}}</p>
<h2>Get a new link</h2>
<ol class="actions">
<li>On the machine of the broker, run this command with the number of the iPhone:
<pre><code>npx homing pair +1…</code></pre></li>
<li>Scan the QR code of the output with the camera of the iPhone, or open the printed link on it.</li>
<li>Press the button on the page within {{minutes}} minutes. A link works once.</li>
</ol>
<div class="note">A program gets a link with <code>POST {{brokerUrl}}/v1/numbers/verify</code> and an API key.</div>
<div class="note">Is this iPhone connected already? <a href="/setup-shortcut">Show its steps</a></div>`;

export function problemPage(view: { message: string; minutes: number; brokerUrl: string }): string {
  return renderPage('Homing: connect your number', CONTENT, view);
}
