/**
 * Script of the pages: suggestions in the search field, copy buttons and language tabs. The pages work without it. It
 * stores only the chosen language, in the browser.
 */
export const PAGE_SCRIPT = `'use strict';
const base = document.documentElement.dataset.base;

const storage = {
  get(name) { try { return localStorage.getItem(name); } catch { return null; } },
  set(name, value) { try { localStorage.setItem(name, value); } catch {} },
};
const element = (name, properties, ...children) => {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
};

// The current page may be below the visible part of the navigation.
const menu = document.getElementById('menu');
const here = menu.querySelector('[aria-current]');
if (here && getComputedStyle(menu).position === 'sticky') menu.scrollTop = here.offsetTop - menu.clientHeight / 2;

// Copy buttons. A prompt such as "$ " is not part of the code.
for (const pre of document.querySelectorAll('main pre')) {
  const button = element('button', { type: 'button', className: 'copy', textContent: 'Copy' });
  button.setAttribute('aria-label', 'Copy the code');
  button.addEventListener('click', async () => {
    const text = pre.textContent.replace(/\\n$/, '');
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // The clipboard needs HTTPS or localhost.
      const area = element('textarea', { value: text });
      document.body.append(area);
      area.select();
      document.execCommand('copy');
      area.remove();
      button.focus();
    }
    button.textContent = 'Copied';
    setTimeout(() => { button.textContent = 'Copy'; }, 2000);
  });
  const frame = element('div', { className: 'code' });
  pre.replaceWith(frame);
  frame.append(pre, button);
}

// Language tabs: the headings below "Samples", each followed by its code.
const samples = document.getElementById('samples');
const panels = [];
for (let at = samples; (at = at && at.nextElementSibling) && at.tagName !== 'H2'; ) {
  if (at.tagName === 'H3') panels.push({ name: at.textContent, heading: at, parts: [] });
  else if (panels.length > 0) panels.at(-1).parts.push(at);
}
if (panels.length > 1) {
  const list = element('div', { className: 'tabs' });
  list.setAttribute('role', 'tablist');
  list.setAttribute('aria-label', 'Language');
  panels[0].heading.before(list);
  const select = (chosen, isFocused) => {
    for (const panel of panels) {
      const isChosen = panel === chosen;
      panel.box.hidden = !isChosen;
      panel.tab.setAttribute('aria-selected', String(isChosen));
      panel.tab.tabIndex = isChosen ? 0 : -1;
      if (isChosen && isFocused) panel.tab.focus();
    }
  };
  const choose = (chosen, isFocused) => {
    select(chosen, isFocused);
    storage.set('homing-language', chosen.name);
  };
  panels.forEach((panel, index) => {
    const { heading, parts, name } = panel;
    panel.box = element('div', { id: heading.id });
    panel.box.setAttribute('role', 'tabpanel');
    panel.tab = element('button', { type: 'button', id: 'tab-' + heading.id, textContent: name });
    panel.tab.setAttribute('role', 'tab');
    panel.tab.setAttribute('aria-controls', heading.id);
    panel.box.setAttribute('aria-labelledby', panel.tab.id);
    heading.replaceWith(panel.box);
    panel.box.append(...parts);
    list.append(panel.tab);
    panel.tab.addEventListener('click', () => choose(panel, true));
    panel.tab.addEventListener('keydown', (event) => {
      const last = panels.length - 1;
      const next = { ArrowLeft: index === 0 ? last : index - 1, ArrowRight: index === last ? 0 : index + 1, Home: 0, End: last }[event.key];
      if (next === undefined) return;
      event.preventDefault();
      choose(panels[next], true);
    });
  });
  const named = () => panels.find(({ heading }) => '#' + heading.id === location.hash);
  const stored = panels.find(({ name }) => name === storage.get('homing-language'));
  select(named() || stored || panels[0], false);
  addEventListener('hashchange', () => { if (named()) choose(named(), false); });
}

// Suggestions below the search field.
const form = document.querySelector('form.search');
const field = form.querySelector('input');
const options = element('ul', { id: 'suggestions', hidden: true });
options.setAttribute('role', 'listbox');
options.setAttribute('aria-label', 'Suggestions');
form.append(options);
field.setAttribute('role', 'combobox');
field.setAttribute('aria-controls', 'suggestions');
field.setAttribute('aria-expanded', 'false');
field.setAttribute('aria-autocomplete', 'list');
let active = -1;
let timer;
const activate = (index) => {
  active = index;
  [...options.children].forEach((option, at) => option.setAttribute('aria-selected', String(at === index)));
  const option = options.children[index];
  if (option) { field.setAttribute('aria-activedescendant', option.id); option.scrollIntoView({ block: 'nearest' }); }
  else field.removeAttribute('aria-activedescendant');
};
const show = (results) => {
  options.replaceChildren(...results.slice(0, 8).map(({ path, heading, section }, index) => {
    const link = element('a', { href: base + path, tabIndex: -1 }, heading);
    if (section) link.append(element('small', { textContent: section }));
    const option = element('li', { id: 'suggestion-' + index }, link);
    option.setAttribute('role', 'option');
    return option;
  }));
  const isShown = results.length > 0;
  options.hidden = !isShown;
  field.setAttribute('aria-expanded', String(isShown));
  activate(-1);
};
field.addEventListener('input', () => {
  clearTimeout(timer);
  timer = setTimeout(async () => {
    const query = field.value.trim();
    if (query === '') return show([]);
    const response = await fetch(base + '/docs/search.json?q=' + encodeURIComponent(query)).catch(() => undefined);
    if (response && response.ok && query === field.value.trim()) show((await response.json()).results);
  }, 120);
});
field.addEventListener('keydown', (event) => {
  const count = options.hidden ? 0 : options.children.length;
  if (count > 0 && event.key === 'Escape') { event.preventDefault(); show([]); }
  else if (event.key === 'Enter' && active >= 0) { event.preventDefault(); options.children[active].firstChild.click(); }
  else if (count > 0 && event.key === 'ArrowDown') { event.preventDefault(); activate((active + 1) % count); }
  else if (count > 0 && event.key === 'ArrowUp') { event.preventDefault(); activate(active <= 0 ? count - 1 : active - 1); }
});
form.addEventListener('focusout', (event) => { if (!form.contains(event.relatedTarget)) show([]); });
addEventListener('keydown', (event) => {
  const isTyping = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName);
  if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  field.focus();
});
`;
