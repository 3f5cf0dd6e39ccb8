/** The three steps of the set-up on an iPhone, and what goes with them. */
import { RECEIVE_AUTOMATION, SEND_AUTOMATION } from './drawings.ts';
import { escapeHtml, setupHtml } from './page.ts';
import { copyable } from './recipe-page.ts';

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

export function stepsPage({ phoneNumber, token, brokerUrl, state, shortcuts }: StepsPageOptions): string {
  const links = shortcuts.map(({ slug, name, isSigned }) =>
    isSigned
      ? `<a class="button" href="/setup-shortcut/files/${slug}">Add ${escapeHtml(name)}</a>
<p class="note"><a href="/setup-shortcut/recipes/${slug}">Or build it by hand</a></p>`
      : `<a class="button" href="/setup-shortcut/recipes/${slug}">Build ${escapeHtml(name)}</a>`,
  );
  const isAnySigned = shortcuts.some(({ isSigned }) => isSigned);
  const isFinished = state.connected && state.checked && state.first_message;
  return setupHtml(
    'Homing: set up your iPhone',
    `<h1>${escapeHtml(phoneNumber)} on this iPhone</h1>
<p>The iPhone is connected. Three steps are left; each is ticked here by itself when it is done.</p>
${section(
  'connected',
  '1. Add the shortcuts',
  state.connected,
  `<p>${
    isAnySigned
      ? 'Press each, then Add Shortcut. You are asked for an address and a token: copy them from here.'
      : 'iOS imports only shortcuts that a Mac has signed, and no Mac is paired with this broker. So build each by hand once; its page has every action. You need an address and a token: copy them from here.'
  }</p>
<p>Address</p>${copyable(brokerUrl)}
<p>Token</p>${copyable(token)}
${links.join('\n')}`,
)}
${section(
  'checked',
  '2. Run Homing Check',
  state.checked,
  `<p>Open the Shortcuts app and press <strong>Homing Check</strong>. iOS asks whether it may reach the broker and send
messages: choose <strong>Always Allow</strong> for each. It says what is wrong where something is, and sends you a text.</p>`,
)}
${section(
  'first_message',
  '3. Let it run by itself',
  state.first_message,
  `<p>In the Shortcuts app, under <strong>Automation</strong>, make these, each with <strong>Run Immediately</strong>. The
tick comes with the first message that goes out or comes in.</p>
<p>What comes in:</p>${RECEIVE_AUTOMATION}
<p class="note">iOS wants a filter, so let it look for a space: every text of more than one word has one. For single words,
make one more for each contact, with no text.</p>
<p>What goes out; the more of these, the sooner:</p>${SEND_AUTOMATION}`,
)}
<p id="finished"${isFinished ? '' : ' hidden'}><strong>All three steps are done.</strong> You may close this page.</p>
<h2>What the iPhone must allow</h2>
<ul>
<li>Settings → Apps → Shortcuts → Advanced: allow running scripts and sharing large amounts of data.</li>
<li>Settings → Face ID &amp; Passcode → Allow Access When Locked: leave Notification Centre on.</li>
<li>Low Power Mode holds automations back: leave it off on a phone that works for you.</li>
</ul>
<h2>What cannot be done</h2>
<ul>
<li>A locked iPhone sends, but iOS may wait until it is unlocked where it wants to ask something.</li>
<li>It is not known whether a message was delivered or read: a shortcut only knows that it was sent.</li>
<li>A message whose report got lost is never sent again by itself; it ends as unconfirmed.</li>
<li>Messages wait until an automation runs. A Mac sends at once and needs none of this.</li>
<li>Automations that run without asking need iOS 17 or newer.</li>
</ul>
<noscript><p class="note">Reload this page to see what is done.</p></noscript>`,
    '<script src="/setup-shortcut/live.js" defer></script>\n',
  );
}

function section(id: keyof StepsState, title: string, isDone: boolean, body: string): string {
  const label = isDone ? 'done' : 'not done yet';
  return `<section class="step"><header><span id="tick-${id}" class="tick${isDone ? ' done' : ''}" role="img"
aria-label="${label}"></span><h2>${title}</h2></header>${body}</section>`;
}
