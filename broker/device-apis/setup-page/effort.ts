/** Estimates the work of the setup, which the page shows before its button. */

/** Finding an action, adding it and entering its settings. */
const SECONDS_PER_ACTION = 30;
/** Adding a signed shortcut, with its address and token. */
const SECONDS_PER_FILE = 40;
const ROUNDING_MINUTES = 5;

/** A Mustache template with `effort`. */
export const EFFORT = `{{#effort}}
<section class="step effort"><h2>Effort</h2>
{{#isSigned}}
<p>About {{fileMinutes}} minutes: your Mac has signed the {{shortcuts}} shortcuts, so you only add them.</p>
{{/isSigned}}
{{^isSigned}}
<p><strong>Without a Mac: {{actions}} actions by hand, about {{handMinutes}} minutes.</strong> You build {{shortcuts}}
shortcuts, action by action.</p>
<p><strong>With a Mac: about {{fileMinutes}} minutes.</strong> Pair a Mac with this broker first. It signs the shortcuts,
and you only add them.</p>
{{/isSigned}}
<p class="note">In both cases, a few automations follow, which only you can create.</p>
</section>
{{/effort}}`;

export interface Effort {
  shortcuts: number;
  /** Actions to add by hand, in all shortcuts. */
  actions: number;
  handMinutes: number;
  fileMinutes: number;
  isSigned: boolean;
}

export function effortOf(shortcuts: ReadonlyArray<{ steps: readonly unknown[] }>, isSigned: boolean): Effort {
  const actions = shortcuts.reduce((sum, { steps }) => sum + steps.length, 0);
  const byHand = (actions * SECONDS_PER_ACTION) / 60;
  return {
    shortcuts: shortcuts.length,
    actions,
    handMinutes: Math.max(1, Math.round(byHand / ROUNDING_MINUTES)) * ROUNDING_MINUTES,
    fileMinutes: Math.ceil((shortcuts.length * SECONDS_PER_FILE) / 60),
    isSigned,
  };
}
