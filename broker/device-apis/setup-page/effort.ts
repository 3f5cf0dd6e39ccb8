/** Estimates the time of the setup, which the pages show before its buttons. */
import type { Edition } from '../../../shared/shortcut-editions.ts';

/** Finding an action, adding it and entering its settings. */
const SECONDS_PER_ACTION = 30;
/** Adding a signed shortcut, with its address and token. */
const SECONDS_PER_FILE = 40;
const ROUNDING_MINUTES = 5;

/** A Mustache template with `effort`. */
export const EFFORT = `{{#effort}}
<section class="step effort"><h2>Effort</h2>
{{#isReady}}
<p>About {{fileMinutes}} minutes: the {{shortcuts}} shortcuts are signed, so you only add them.</p>
{{/isReady}}
{{^isReady}}
<p><strong>Without a Mac: {{actions}} actions by hand, about {{handMinutes}} minutes.</strong> You build {{shortcuts}}
shortcuts, action by action.</p>
<p><strong>With a Mac: about {{fileMinutes}} minutes.</strong> Pair {{mac}} with this broker first. It signs the shortcuts,
and you only add them.</p>
{{/isReady}}
<p class="note">In both cases, a few automations follow, which only you can create or switch on: about 5 minutes.</p>
</section>
{{/effort}}`;

export interface Effort {
  shortcuts: number;
  /** Actions to add by hand, if no shortcut is signed. */
  actions: number;
  handMinutes: number;
  /** If every shortcut is signed. */
  fileMinutes: number;
  /** With the shortcuts that are signed now. */
  minutes: number;
  /** Every shortcut can be added as a signed file. */
  isReady: boolean;
  /** The Mac that can sign them. */
  mac: string;
}

/** `urls`: the link that adds each shortcut; undefined for a shortcut that is built by hand. */
export function effortOf(
  shortcuts: ReadonlyArray<{ steps: readonly unknown[]; edition: Edition }>,
  urls: ReadonlyArray<string | undefined>,
): Effort {
  const actions = actionsIn(shortcuts);
  const byHand = actionsIn(shortcuts.filter((_, index) => urls[index] === undefined));
  const files = urls.filter((url) => url !== undefined).length;
  const handMinutes = minutesByHand(actions * SECONDS_PER_ACTION);
  const fileMinutes = Math.ceil((shortcuts.length * SECONDS_PER_FILE) / 60);
  const isReady = byHand === 0;
  const seconds = byHand * SECONDS_PER_ACTION + files * SECONDS_PER_FILE;
  const minutes = isReady ? fileMinutes : minutesByHand(seconds);
  // An earlier macOS removes the triggers of the edition for iOS 27.
  const mac = shortcuts.some(({ edition }) => edition === 'ios-27') ? 'a Mac with macOS 27' : 'a Mac';
  return { shortcuts: shortcuts.length, actions, handMinutes, fileMinutes, minutes, isReady, mac };
}

function actionsIn(shortcuts: ReadonlyArray<{ steps: readonly unknown[] }>): number {
  return shortcuts.reduce((sum, { steps }) => sum + steps.length, 0);
}

function minutesByHand(seconds: number): number {
  return Math.max(1, Math.round(seconds / 60 / ROUNDING_MINUTES)) * ROUNDING_MINUTES;
}
