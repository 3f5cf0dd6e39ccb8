/** Renders the three setup steps of an iPhone, with the required settings and the limits of shortcuts. */
import { RECEIVE_AUTOMATION, SEND_AUTOMATION } from './drawings.ts';
import { renderPage } from './page.ts';

export interface StepsState {
  connected: boolean;
  checked: boolean;
  first_message: boolean;
}

export interface StepsPageOptions {
  phoneNumber: string;
  token: string;
  brokerUrl: string;
  state: StepsState;
  shortcuts: ReadonlyArray<{ slug: string; name: string; isSigned: boolean }>;
}

/** The header of a step; the id and the state of its tick are filled in. */
const tick = (id: keyof StepsState) =>
  `<span id="tick-${id}" class="tick{{#state.${id}}} done{{/state.${id}}}" role="img"
aria-label="{{#state.${id}}}done{{/state.${id}}}{{^state.${id}}}not done yet{{/state.${id}}}"></span>`;

const CONTENT = `<h1>{{phoneNumber}} on this iPhone</h1>
<p>The iPhone is connected. Three steps are left. This page ticks each step when it is done.</p>
<section class="step"><header>${tick('connected')}<h2>1. Add the shortcuts</h2></header>
{{#isAnySigned}}
<p>Press each button, then Add Shortcut. The shortcut asks for an address and a token: copy them from here.</p>
{{/isAnySigned}}
{{^isAnySigned}}
<p>iOS imports only shortcuts that a Mac has signed, and no Mac is paired with this broker. Build each shortcut by hand,
once. Its page lists every action. You need an address and a token: copy them from here.</p>
{{/isAnySigned}}
<p>Address</p>{{#brokerUrl}}{{> copyable}}{{/brokerUrl}}
<p>Token</p>{{#token}}{{> copyable}}{{/token}}
{{#shortcuts}}
{{#isSigned}}
<a class="button" href="/setup-shortcut/files/{{slug}}">Add {{name}}</a>
<p class="note"><a href="/setup-shortcut/recipes/{{slug}}">Build {{name}} by hand instead</a></p>
{{/isSigned}}
{{^isSigned}}
<a class="button" href="/setup-shortcut/recipes/{{slug}}">Build {{name}}</a>
{{/isSigned}}
{{/shortcuts}}
</section>
<section class="step"><header>${tick('checked')}<h2>2. Run Homing Check</h2></header>
<p>Open the Shortcuts app and press <strong>Homing Check</strong>. iOS asks for permission to connect to the broker and to
send messages: choose <strong>Always Allow</strong> each time. The shortcut shows every problem that it finds, and sends
you a text.</p>
</section>
<section class="step"><header>${tick('first_message')}<h2>3. Create the automations</h2></header>
<p>In the Shortcuts app, under <strong>Automation</strong>, create these automations with
<strong>Run Immediately</strong>. The first message sent or received ticks this step.</p>
<p>For inbound messages:</p>${RECEIVE_AUTOMATION}
<p class="note">iOS requires a filter. A space matches every text of more than one word. For texts of one word, create
another automation for each contact, without a text filter.</p>
<p>For outbound messages; more automations send sooner:</p>${SEND_AUTOMATION}
</section>
<p id="finished"{{^isFinished}} hidden{{/isFinished}}><strong>All three steps are done.</strong> You can close this page.</p>
<h2>Settings of the iPhone</h2>
<ul>
<li>Settings → Apps → Shortcuts → Advanced: allow running scripts and sharing large amounts of data.</li>
<li>Settings → Face ID &amp; Passcode → Allow Access When Locked: leave Notification Centre on.</li>
<li>Turn off Low Power Mode: it delays automations.</li>
</ul>
<h2>Limits</h2>
<ul>
<li>A locked iPhone sends, but iOS may wait for you to unlock it when a permission is missing.</li>
<li>Delivery and read status are unknown: a shortcut detects only that a message was sent.</li>
<li>If the report of a message is lost, the message fails as unconfirmed. It is not sent again.</li>
<li>Messages wait until an automation runs. A Mac sends at once.</li>
<li>Automations without a prompt need iOS 17 or newer.</li>
</ul>
<noscript><p class="note">Reload this page to see which steps are done.</p></noscript>`;

export function stepsPage(options: StepsPageOptions): string {
  const { connected, checked, first_message } = options.state;
  const view = {
    ...options,
    isAnySigned: options.shortcuts.some(({ isSigned }) => isSigned),
    isFinished: connected && checked && first_message,
  };
  return renderPage('Homing: set up your iPhone', CONTENT, view, { hasScript: true });
}
