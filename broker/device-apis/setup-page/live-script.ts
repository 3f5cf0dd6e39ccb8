/** The only script of the page: ticks finished steps and copies values. Without it the user reloads the page. */
export const LIVE_SCRIPT = `'use strict';
const POLL_MS = 2000;
async function poll() {
  try {
    const response = await fetch('/setup-shortcut/state', { cache: 'no-store' });
    if (response.ok) show(await response.json());
  } catch {
    // The phone has no network at the moment.
  }
  setTimeout(poll, POLL_MS);
}
function show(state) {
  for (const [name, isDone] of Object.entries(state)) {
    const tick = document.getElementById('tick-' + name);
    if (!tick || !isDone || tick.classList.contains('done')) continue;
    tick.classList.add('done');
    tick.setAttribute('aria-label', 'done');
  }
  document.getElementById('received').hidden = !state.received;
  if (state.connected && state.checked && state.first_message) document.getElementById('finished').hidden = false;
}
for (const button of document.querySelectorAll('[data-copy]')) {
  button.addEventListener('click', async () => {
    const text = button.previousElementSibling;
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
    } catch {
      // Without https there is no clipboard API. The phone offers to copy the selected text.
      getSelection().selectAllChildren(text);
      document.execCommand('copy');
    }
    button.textContent = 'Copied';
    setTimeout(() => { button.textContent = 'Copy'; }, 2000);
  });
}
if (document.getElementById('tick-connected')) poll();
`;
