/** Draws the automations of the Shortcuts app as SVG. A screenshot would age with each iOS version. */
const LINE = 'stroke="currentColor" stroke-width="1.5" fill="none"';
const TEXT = 'fill="currentColor" font-family="-apple-system, system-ui, sans-serif"';

/** Paths of icons on a field of 24 × 24. */
const ICONS = {
  message: 'M4 5.5h16v10.5h-9l-4.5 3.5v-3.5h-2.5z M8 9.2h8 M8 12.4h5.5',
  receive: 'M12 4v11 M7.5 10.8l4.5 4.5 4.5-4.5 M5 20h14',
  send: 'M12 15.5v-11 M7.5 8.7l4.5-4.5 4.5 4.5 M5 20h14',
  clock: 'M12 3.5a8.5 8.5 0 1 0 .01 0z M12 7.5v5l3.3 2',
  charger: 'M9 3.5v4.5 M15 3.5v4.5 M6.5 8h11v3.5a5.5 5.5 0 0 1-11 0z M12 17v3.5',
  app: 'M7.5 2.5h9a1.5 1.5 0 0 1 1.5 1.5v16a1.5 1.5 0 0 1-1.5 1.5h-9a1.5 1.5 0 0 1-1.5-1.5v-16a1.5 1.5 0 0 1 1.5-1.5z M10.5 18.6h3',
} as const;

const ROUND = 'stroke-linecap="round" stroke-linejoin="round"';

function card(y: number, title: string, detail: string, icon: keyof typeof ICONS): string {
  return `<rect x="10" y="${y}" width="300" height="64" rx="14" ${LINE}/>
<path transform="translate(32 ${y + 20})" d="${ICONS[icon]}" ${LINE} ${ROUND}/>
<text x="78" y="${y + 28}" font-size="15" font-weight="600" ${TEXT}>${title}</text>
<text x="78" y="${y + 48}" font-size="12" opacity="0.75" ${TEXT}>${detail}</text>`;
}

const arrow = (y: number) => `<path d="M160 ${y} v22 m-6 -7 l6 7 l6 -7" ${LINE} ${ROUND}/>`;

/** The automation for inbound messages. */
export const RECEIVE_AUTOMATION = `<svg viewBox="0 0 320 170" role="img" aria-label="When I get a message containing a space, run Homing Receive">
${card(8, 'When I get a message', 'It contains: one space', 'message')}
${arrow(74)}
${card(100, 'Run Homing Receive', 'Input: Shortcut Input', 'receive')}
</svg>`;

/** The automations for outbound messages. */
export const SEND_AUTOMATION = `<svg viewBox="0 0 320 306" role="img" aria-label="At a time of day, when the charger is connected, or when an app is opened, run Homing Send">
${card(8, 'Time of Day', 'One for each hour you want', 'clock')}
${card(78, 'Charger', 'Is connected', 'charger')}
${card(148, 'App', 'Messages is opened', 'app')}
${arrow(214)}
${card(238, 'Run Homing Send', 'It ends by itself', 'send')}
</svg>`;
