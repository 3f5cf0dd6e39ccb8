/** Renders the three setup steps of an iPhone, with their time, the required settings and the limits of shortcuts. */
import type { Edition } from '../../../shared/shortcut-editions.ts';
import { AUTOMATIONS, LIMITS } from './automations.ts';
import { EDITION_TITLES, otherEdition } from './edition.ts';
import type { Effort } from './effort.ts';
import { renderPage } from './page.ts';

export interface StepsState {
  connected: boolean;
  checked: boolean;
  first_message: boolean;
  received: boolean;
}

export interface StepsPageOptions {
  phoneNumber: string;
  token: string;
  brokerUrl: string;
  state: StepsState;
  edition: Edition;
  effort: Effort;
  runMinutes: number;
  /** `url` adds a shortcut; undefined: it is built by hand. */
  shortcuts: ReadonlyArray<{ slug: string; name: string; url: string | undefined }>;
}

/** The header of a step; the id and the state of its tick are filled in. */
const tick = (id: keyof StepsState) =>
  `<span id="tick-${id}" class="tick{{#state.${id}}} done{{/state.${id}}}" role="img"
aria-label="{{#state.${id}}}done{{/state.${id}}}{{^state.${id}}}not done yet{{/state.${id}}}"></span>`;

const CONTENT = `<h1>{{phoneNumber}} on this iPhone</h1>
<p>The iPhone is connected. Three steps are left. This page ticks each step when it is done.</p>
<p class="edition">For <strong>{{editionTitle}}</strong>. Another version?
<a href="/setup-shortcut?edition={{other}}">Show the steps for {{otherTitle}}</a></p>
<section class="step"><header>${tick('connected')}<h2>1. Add the shortcuts</h2></header>
<p><strong>About {{effort.minutes}} minutes.</strong>
{{#isAnyReady}}Press each button, then Add Shortcut.{{/isAnyReady}}
{{^isAnyReady}}iOS imports only shortcuts that a Mac has signed, and no Mac is paired with this broker. Build each shortcut
by hand, once. Its page lists every action.{{/isAnyReady}}
A shortcut asks for an address and a token: copy them from here.</p>
{{#isLongByHand}}
<p class="note">The shortcuts for {{otherTitle}} have fewer actions and work on this iPhone too, without a journal.</p>
{{/isLongByHand}}
<p>Address</p>{{#brokerUrl}}{{> copyable}}{{/brokerUrl}}
<p>Token</p>{{#token}}{{> copyable}}{{/token}}
{{#shortcuts}}
{{#url}}
<a class="button" href="{{url}}">Add {{name}}</a>
<p class="note"><a href="/setup-shortcut/recipes/{{slug}}?edition={{edition}}">Build {{name}} by hand instead</a></p>
{{/url}}
{{^url}}
<a class="button" href="/setup-shortcut/recipes/{{slug}}?edition={{edition}}">Build {{name}}</a>
{{/url}}
{{/shortcuts}}
</section>
<section class="step"><header>${tick('checked')}<h2>2. Run Homing Check</h2></header>
<p><strong>About 1 minute.</strong> Open the Shortcuts app and press <strong>Homing Check</strong>. iOS asks for permission to
connect to the broker and to send messages: choose <strong>Always Allow</strong> each time. The shortcut shows every problem
that it finds, and sends you a text.</p>
</section>
<section class="step"><header>${tick('first_message')}<h2>3. {{automationsTitle}} the automations</h2></header>
<p>The first message sent or received ticks this step.</p>
${AUTOMATIONS}
</section>
<p id="finished"{{^isFinished}} hidden{{/isFinished}}><strong>All three steps are done.</strong> You can close this page.</p>
<h2>Settings of the iPhone</h2>
<ul>
<li>Settings → Apps → Shortcuts → Advanced: allow running scripts and sharing large amounts of data.</li>
<li>Settings → Face ID &amp; Passcode → Allow Access When Locked: leave Notification Centre on.</li>
<li>Turn off Low Power Mode: it delays automations.</li>
</ul>
${LIMITS}
<noscript><p class="note">Reload this page to see which steps are done.</p></noscript>`;

export function stepsPage(options: StepsPageOptions): string {
  const { edition, shortcuts } = options;
  const { connected, checked, first_message } = options.state;
  const other = otherEdition(edition);
  const isNewer = edition === 'ios-27';
  const hasTriggers = isNewer && shortcuts.every(({ url }) => url !== undefined);
  const view = {
    ...options,
    other,
    editionTitle: EDITION_TITLES[edition],
    otherTitle: EDITION_TITLES[other],
    hasTriggers,
    hasJournal: isNewer,
    isLongByHand: isNewer && !options.effort.isReady,
    automationsTitle: hasTriggers ? 'Switch on' : 'Create',
    isAnyReady: shortcuts.some(({ url }) => url !== undefined),
    isFinished: connected && checked && first_message,
  };
  return renderPage('Homing: set up your iPhone', CONTENT, view, { hasScript: true });
}
