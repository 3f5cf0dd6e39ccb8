/** The page's only script: ticks what is done, and copies. Without it the page is reloaded by hand. */
export const LIVE_SCRIPT = `'use strict';
const LOOK_MS = 2000;
async function look() {
  try {
    const response = await fetch('/setup-shortcut/state', { cache: 'no-store' });
    if (response.ok) show(await response.json());
  } catch {
    // The phone has no network for a moment.
  }
  setTimeout(look, LOOK_MS);
}
function show(state) {
  for (const [name, isDone] of Object.entries(state)) {
    const tick = document.getElementById('tick-' + name);
    if (!tick || !isDone || tick.classList.contains('done')) continue;
    tick.classList.add('done');
    tick.setAttribute('aria-label', 'done');
  }
  if (state.connected && state.checked && state.first_message) document.getElementById('finished').hidden = false;
}
for (const button of document.querySelectorAll('[data-copy]')) {
  button.addEventListener('click', async () => {
    const text = button.previousElementSibling;
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
    } catch {
      // Without https there is no clipboard; selected, the phone offers to copy it.
      getSelection().selectAllChildren(text);
      document.execCommand('copy');
    }
    button.textContent = 'Copied';
    setTimeout(() => { button.textContent = 'Copy'; }, 2000);
  });
}
if (document.getElementById('tick-connected')) look();
`;
