/** Draws the automations of the Shortcuts app as SVG. A screenshot would age with each iOS version. */
const LINE = 'stroke="currentColor" stroke-width="1.5" fill="none"';
const TEXT = 'fill="currentColor" font-family="-apple-system, system-ui, sans-serif"';

function card(y: number, title: string, detail: string, symbol: string): string {
  return `<rect x="10" y="${y}" width="300" height="64" rx="14" ${LINE}/>
<text x="34" y="${y + 41}" font-size="24" ${TEXT}>${symbol}</text>
<text x="78" y="${y + 28}" font-size="15" font-weight="600" ${TEXT}>${title}</text>
<text x="78" y="${y + 48}" font-size="12" opacity="0.75" ${TEXT}>${detail}</text>`;
}

const arrow = (y: number) =>
  `<path d="M160 ${y} v22 m-6 -7 l6 7 l6 -7" ${LINE} stroke-linecap="round" stroke-linejoin="round"/>`;

/** The automation for inbound messages. */
export const RECEIVE_AUTOMATION = `<svg viewBox="0 0 320 170" role="img" aria-label="When I get a message containing a space, run Homing Receive">
${card(8, 'When I get a message', 'It contains: one space', '💬')}
${arrow(74)}
${card(100, 'Run Homing Receive', 'Input: Shortcut Input', '⬇️')}
</svg>`;

/** The automations for outbound messages. */
export const SEND_AUTOMATION = `<svg viewBox="0 0 320 306" role="img" aria-label="At a time of day, when the charger is connected, or when an app is opened, run Homing Send">
${card(8, 'Time of Day', 'One for each hour you want', '🕗')}
${card(78, 'Charger', 'Is connected', '🔌')}
${card(148, 'App', 'Messages is opened', '📱')}
${arrow(214)}
${card(238, 'Run Homing Send', 'It ends by itself', '⬆️')}
</svg>`;
