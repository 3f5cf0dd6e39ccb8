/** Describes the automations of an edition as a Mustache template, with what iOS runs by itself and what needs a tap. */
import { RECEIVE_AUTOMATION, SEND_AUTOMATION } from './drawings.ts';

/** Views: `hasTriggers` (the files contain the automations), `state.received`, `runMinutes`. */
export const AUTOMATIONS = `
{{#hasTriggers}}
<p><strong>About 2 minutes.</strong> The automations are in the shortcuts and arrive switched off. In the Shortcuts app, open
the automations of <strong>Homing Receive</strong> and of <strong>Homing Send</strong>, and switch each one on. If you add a
shortcut again, its automations are off again.</p>
<p><strong>Homing Receive</strong> has seven: for texts that contain a space, or one of the letters a, e and o, small or
capital. A text of one word without these letters, such as Hi or QUIT, does not arrive. <strong>Homing Send</strong> has two:
a notification of Messages, and the charger.</p>
<p class="note">For messages at fixed times, add the automation Time of Day to Homing Send. A file cannot contain it, because
its time depends on your time zone.</p>
{{/hasTriggers}}
{{^hasTriggers}}
<p><strong>About 1 minute for each.</strong> In the Shortcuts app, under <strong>Automation</strong>, create these automations
with <strong>Run Immediately</strong>.</p>
<p>For inbound messages:</p>${RECEIVE_AUTOMATION}
<p>For outbound messages; more automations send sooner:</p>${SEND_AUTOMATION}
{{/hasTriggers}}
<h3>Test the filter</h3>
<p>iOS runs an automation for messages only with a filter. A space matches every text of more than one word, but it is not
proven that every version of iOS accepts a single space. Let another phone send <strong>Hello there</strong> to
{{phoneNumber}}.</p>
<p id="received" class="result"{{^state.received}} hidden{{/state.received}}>A text has arrived at the broker.</p>
<p class="note">If this page shows no arrival after a minute, use a common letter such as e as the filter. The filter respects
upper and lower case.{{^hasTriggers}} A text of one word needs its own automation: one for a letter, or one for each
contact. Without it, a STOP does not arrive.{{/hasTriggers}}</p>`;

/** Views: `runMinutes`, `hasJournal`. */
export const LIMITS = `<h2>What runs by itself</h2>
<dl class="facts">
<dt>By itself</dt>
<dd>From iOS 17, with Run Immediately: a text that matches a filter reaches the broker, and Homing Send sends what is
queued.</dd>
<dt>With a tap</dt>
<dd>Adding a shortcut, each permission, and switching an automation on: once. On iOS 16, each run of an automation.</dd>
<dt>After a wait</dt>
<dd>A queued message waits until an automation starts Homing Send. One run lasts at most {{runMinutes}} minutes. A Mac sends
at once.</dd>
<dt>Never</dt>
<dd>Delivery and read status: a shortcut detects only that a message was sent.</dd>
</dl>
<p class="note">{{#hasJournal}}If a report is lost, the next run of Homing Send repeats it. If iOS ends the shortcut during a
send, the message fails as unconfirmed.{{/hasJournal}}{{^hasJournal}}If the report of a message is lost, the message fails as
unconfirmed.{{/hasJournal}} No message is sent again by itself.</p>
<p class="note">A locked iPhone sends, but iOS may wait for you to unlock it when a permission is missing.</p>`;
