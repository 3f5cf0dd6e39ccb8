/** Styles the pages: light and dark by the system setting, from 320 px width, without navigation in print. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #ffffff; --ink: #1b1f24; --soft: #57606a; --line: #d8dee4; --shade: #f5f7f9; --link: #0b5bd0; --here: #e6effc;
  --keyword: #a0186e; --string: #12633a; --number: #8a4600; --name: #0b4fae; --quiet: #5b6570;
  --sans: system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif;
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171b; --ink: #e4e8ec; --soft: #a2adb8; --line: #333b44; --shade: #1d2228; --link: #7db4ff; --here: #1d2f4a;
    --keyword: #f2a0d0; --string: #8bd9a8; --number: #f0b37e; --name: #9cc4ff; --quiet: #9aa5b1;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 4.5rem; -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { background: var(--paper); color: var(--ink); font: 1rem/1.6 var(--sans); margin: 0; overflow-wrap: break-word; }
a { color: var(--link); text-underline-offset: 0.15em; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 0.2rem; }
main:focus-visible, #menu:focus-visible { outline: none; }
.skip { background: var(--paper); left: 0.5rem; padding: 0.5rem 0.8rem; position: absolute; top: -4rem; z-index: 3; }
.skip:focus { top: 0.5rem; }
.top { align-items: center; background: var(--paper); border-bottom: 1px solid var(--line); display: flex; gap: 0.8rem;
  padding: 0.7rem 1rem; position: sticky; top: 0; z-index: 2; }
.top a { font-size: 0.95rem; color: var(--soft); text-decoration: none; padding: 0.2rem 0; }
.top a:hover { color: var(--ink); text-decoration: underline; }
.top .brand { color: var(--ink); font-weight: 700; font-size: 1.1rem; }
.search { margin-left: auto; position: relative; }
.search input { background: var(--shade); border: 1px solid var(--line); border-radius: 0.5rem; color: var(--ink); font: 0.95rem/1.4 var(--sans);
  padding: 0.3rem 0.7rem; width: 100%; }
#suggestions { background: var(--paper); border: 1px solid var(--line); border-radius: 0.6rem; box-shadow: 0 8px 24px #0003; list-style: none;
  margin: 0.3rem 0 0; max-height: 70vh; overflow-y: auto; padding: 0.3rem; position: absolute; right: 0; top: 100%; width: min(30rem, calc(100vw - 2rem)); }
#suggestions[hidden] { display: none; }
#suggestions li { margin: 0; }
.top #suggestions a { border-radius: 0.4rem; color: var(--ink); display: block; padding: 0.35rem 0.6rem; }
#suggestions small { color: var(--soft); display: block; }
#suggestions [aria-selected=true] a { background: var(--here); }
.results p { color: var(--soft); margin: 0.1rem 0 1rem; }
.code { position: relative; }
.copy { background: var(--paper); border: 1px solid var(--line); border-radius: 0.4rem; color: var(--soft); cursor: pointer; font: 0.8rem/1 var(--sans);
  padding: 0.4rem 0.6rem; position: absolute; right: 0.5rem; top: 0.5rem; }
.copy:hover { color: var(--ink); }
.tabs { border-bottom: 1px solid var(--line); display: flex; flex-wrap: wrap; gap: 0.2rem; margin-top: 1rem; }
.tabs button { background: none; border: 0; border-bottom: 3px solid transparent; color: var(--soft); cursor: pointer; font: 0.95rem/1.4 var(--sans); padding: 0.4rem 0.8rem; }
.tabs button[aria-selected=true] { border-color: var(--link); color: var(--ink); font-weight: 600; }
.neighbors { display: flex; flex-wrap: wrap; gap: 0.8rem; margin-top: 3rem; }
.neighbors a { border: 1px solid var(--line); border-radius: 0.6rem; flex: 1 1 14rem; padding: 0.6rem 1rem; text-decoration: none; }
.neighbors a:hover { border-color: var(--link); }
.neighbors a[rel=next] { text-align: right; }
.neighbors small { color: var(--soft); display: block; }
.top .menu { flex: none; border: 1px solid var(--line); border-radius: 0.5rem; color: var(--ink); padding: 0.2rem 0.7rem; }
main { padding: 1.5rem 1rem 3rem; min-width: 0; }
h1, h2, h3 { line-height: 1.25; text-wrap: balance; }
h1 { font-size: 1.9rem; margin: 0 0 1rem; }
h2 { border-top: 1px solid var(--line); font-size: 1.35rem; margin: 2.5rem 0 0.8rem; padding-top: 1.5rem; }
h3 { font-size: 1.08rem; margin: 1.8rem 0 0.5rem; }
p, ul, ol { margin: 0.8rem 0; }
main ul, main ol { padding-left: 1.5rem; }
li { margin: 0.25rem 0; }
td:first-child code { display: inline-block; }
code { background: var(--shade); border-radius: 0.3rem; font: 0.875em/1.5 var(--mono); overflow-wrap: anywhere; padding: 0.1em 0.3em; }
pre { background: var(--shade); border: 1px solid var(--line); border-radius: 0.6rem; margin: 0.8rem 0; overflow-x: auto; padding: 0.9rem 1rem; }
pre code { background: none; font-size: 0.85rem; overflow-wrap: normal; padding: 0; }
blockquote { border-left: 4px solid var(--line); color: var(--soft); margin: 1rem 0; padding: 0.1rem 1rem; }
table { border-collapse: collapse; margin: 1rem 0; width: 100%; }
th, td { border-bottom: 1px solid var(--line); padding: 0.5rem 0.9rem 0.5rem 0; text-align: left; vertical-align: top; }
th { color: var(--soft); font-size: 0.85rem; font-weight: 600; }
td { font-size: 0.95rem; }
.contents { border: 1px solid var(--line); border-radius: 0.6rem; margin: 1.5rem 0; padding: 0.7rem 1rem; }
.contents p, #menu h2 { border: 0; color: var(--soft); font-size: 0.85rem; font-weight: 600; margin: 0 0 0.3rem; padding: 0; }
main .contents ul, #menu ul { list-style: none; margin: 0; padding: 0; }
main .contents ul { column-gap: 1.2rem; display: flex; flex-wrap: wrap; }
.contents a { text-decoration: none; display: inline-block; padding: 0.1rem 0; }
#menu { background: var(--shade); border-top: 1px solid var(--line); padding: 1.5rem 1rem 3rem; }
#menu h2 { margin-top: 1.2rem; }
#menu h2:first-child { margin-top: 0; }
#menu li { margin: 0; }
#menu a { border-radius: 0.4rem; color: var(--ink); display: block; padding: 0.3rem 0.6rem; text-decoration: none; }
#menu a:hover { text-decoration: underline; }
#menu a[aria-current] { background: var(--here); font-weight: 600; }
#menu ul ul { border-left: 1px solid var(--line); margin: 0.2rem 0 0.4rem 0.7rem; padding-left: 0.4rem; }
#menu ul ul a { font-size: 0.9rem; }
main > footer { border-top: 1px solid var(--line); font-size: 0.9rem; margin-top: 3rem; padding-top: 1rem; }
.hljs-comment, .hljs-meta { color: var(--quiet); }
.hljs-keyword, .hljs-literal, .hljs-built_in { color: var(--keyword); }
.hljs-string, .hljs-regexp { color: var(--string); }
.hljs-number, .hljs-symbol { color: var(--number); }
.hljs-attr, .hljs-title, .hljs-variable, .hljs-property { color: var(--name); }
.hljs-subst { color: var(--ink); }
@media (max-width: 46rem) {
  .top { flex-wrap: wrap; row-gap: 0.4rem; }
  .top .menu { margin-left: auto; }
  .search { margin: 0; order: 1; width: 100%; }
  #suggestions { left: 0; width: 100%; }
  .code pre { padding-top: 2.6rem; }
  .tabs button { padding: 0.4rem 0.5rem; }
  html { scroll-padding-top: 7rem; }
  table, tbody, tr, td { display: block; width: 100%; }
  thead { clip-path: inset(50%); height: 1px; overflow: hidden; position: absolute; white-space: nowrap; width: 1px; }
  tr { border: 1px solid var(--line); border-radius: 0.6rem; margin: 0.6rem 0; padding: 0.5rem 0.8rem; }
  td { border: 0; padding: 0.15rem 0; }
  td:empty { display: none; }
  td:not(:first-child)::before { color: var(--soft); content: attr(data-label) ': '; font-size: 0.85rem; }
}
@media (min-width: 46.01rem) {
  td:last-child code, td[data-label=code] code { overflow-wrap: break-word; }
  td:first-child { min-width: 10.5rem; }
}
@media (min-width: 60rem) {
  .top { gap: 1.2rem; padding: 0.8rem 2rem; }
  .top .menu { display: none; }
  .columns { display: grid; grid-template-areas: 'menu main'; grid-template-columns: 17.5rem minmax(0, 1fr); margin: 0 auto; max-width: 92rem; }
  main { grid-area: main; padding: 2.5rem 3rem 5rem; }
  .search { width: 18rem; }
  article, main > footer, .neighbors { max-width: 50rem; }
  #menu { background: none; border-right: 1px solid var(--line); border-top: 0; grid-area: menu; height: calc(100vh - 3.4rem);
    overflow-y: auto; padding: 1.5rem 1rem 3rem 1.4rem; position: sticky; top: 3.4rem; }
}
@media (min-width: 80rem) {
  article { display: grid; grid-template-areas: 'intro contents' 'rest contents'; grid-template-columns: minmax(0, 1fr) 12rem;
    column-gap: 3rem; grid-template-rows: auto 1fr; max-width: none; }
  .intro { grid-area: intro; } .rest { grid-area: rest; }
  .contents { align-self: start; border: 0; border-left: 2px solid var(--line); border-radius: 0; font-size: 0.9rem; grid-area: contents;
    margin: 0.3rem 0; padding: 0 0 0 1rem; position: sticky; top: 5.5rem; }
  main .contents ul { display: block; }
}
@media print { .top, #menu, .contents, .skip, .copy, .neighbors { display: none; } }
`;
