/** Renders the pages of an unused setup link: the confirmation on a phone, and the QR code in other browsers. */
import { EFFORT, type Effort } from './effort.ts';
import { renderPage } from './page.ts';

export interface LinkView {
  phoneNumber: string;
  /** The pairing code of the link. */
  code: string;
  minutesLeft: number;
  brokerUrl: string;
  effort: Effort;
}

const CONFIRMATION = `<h1>Connect {{phoneNumber}}</h1>
<p>This link connects this iPhone to the broker at <code>{{brokerUrl}}</code>. The iPhone then sends messages from
<strong>{{phoneNumber}}</strong>. The link works once and expires in {{expiry}}.</p>
${EFFORT}
<form method="post" action="/setup-shortcut">
<input type="hidden" name="token" value="{{code}}">
<input type="hidden" name="number" value="{{phoneNumber}}">
<button class="button">Connect this iPhone as {{phoneNumber}}</button>
</form>
<p class="note">Press the button only if {{phoneNumber}} is the number of this iPhone. Three steps follow.</p>`;

const QR_CODE = `<h1>Open this on the iPhone with {{phoneNumber}}</h1>
<p>Scan the QR code with the camera of the iPhone. The link works once and expires in {{expiry}}. This browser does not
use it up.</p>
{{{svg}}}
${EFFORT}
{{#isLocal}}
<p class="note">The address <code>{{brokerUrl}}</code> works only on this machine. Set <code>HOMING_PUBLIC_URL</code> to
an address that the iPhone can reach.</p>
{{/isLocal}}
<p class="note">Is this the iPhone? Turn off <strong>Request Desktop Website</strong> in the menu of the address bar.</p>
<h2>Connect a Mac instead</h2>
<p>On a Mac that is signed in to Messages, run:</p>
<pre><code>npx homing relay pair --url {{brokerUrl}} {{code}}</code></pre>
<h2>Connect a test device instead</h2>
<pre><code>npx homing device --url {{brokerUrl}} --code {{code}}</code></pre>
<p class="note">Your own program can send <code>POST {{brokerUrl}}/relay/v1/pair</code> with <code>{"code":"…"}</code>. The
response contains the device token, once.</p>`;

export function confirmationPage(view: LinkView): string {
  return render(CONFIRMATION, view);
}

export async function qrCodePage(view: LinkView): Promise<string> {
  const link = `${view.brokerUrl}/setup-shortcut?token=${view.code}`;
  const { default: QRCode } = await import('qrcode');
  const svg = await QRCode.toString(link, { type: 'svg', width: 280, margin: 2 });
  const isLocal = /^https?:\/\/(127\.|localhost|\[::1\])/.test(view.brokerUrl);
  return render(QR_CODE, view, { svg, isLocal });
}

function render(content: string, view: LinkView, more: object = {}): string {
  const expiry = `${view.minutesLeft} minute${view.minutesLeft === 1 ? '' : 's'}`;
  return renderPage('Homing: connect your number', content, { ...view, ...more, expiry });
}
