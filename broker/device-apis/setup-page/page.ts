/** Renders the frame of the setup pages. The pages load nothing from other hosts. */
import Mustache from 'mustache';

const STYLE = `
  :root { color-scheme: light dark; --fill: #0062d6; --tint: #0062d6; }
  @media (prefers-color-scheme: dark) { :root { --tint: #6db3ff; } }
  html { background: Canvas; color: CanvasText; }
  body { font: 17px/1.5 -apple-system, system-ui, sans-serif; margin: 0 auto; max-width: 36rem; padding: 2rem 1.25rem 4rem; }
  h1 { font-size: 1.5rem; line-height: 1.25; }
  h2 { font-size: 1.15rem; margin: 0; }
  h3 { font-size: 1rem; margin: 1.2rem 0 0; }
  code { font: 0.85em ui-monospace, Menlo, monospace; overflow-wrap: anywhere; }
  pre { background: color-mix(in srgb, currentColor 8%, transparent); border-radius: 0.6rem; padding: 0.9rem; white-space: pre-wrap; }
  a { color: var(--tint); }
  .note { color: color-mix(in srgb, CanvasText 75%, Canvas); font-size: 0.9rem; }
  .button { background: var(--fill); border: 0; border-radius: 0.8rem; color: #fff; cursor: pointer; display: block;
    font: inherit; font-weight: 600; margin: 0.6rem 0; padding: 0.8rem 1rem; text-align: center; text-decoration: none; width: 100%; box-sizing: border-box; }
  .effort p { margin: 0.4rem 0 0; }
  .step { border: 1px solid color-mix(in srgb, currentColor 18%, transparent); border-radius: 1rem; margin: 1rem 0; padding: 1rem; }
  .step > header { align-items: center; display: flex; gap: 0.6rem; }
  .tick { border: 2px solid color-mix(in srgb, currentColor 35%, transparent); border-radius: 50%; display: inline-block;
    flex: none; height: 1.5rem; line-height: 1.5rem; text-align: center; width: 1.5rem; }
  .tick.done { background: #187a3a; border-color: #187a3a; color: #fff; }
  .tick.done::after { content: "✓"; }
  .copy { align-items: center; display: flex; gap: 0.5rem; margin: 0.5rem 0; }
  .copy code { background: color-mix(in srgb, currentColor 8%, transparent); border-radius: 0.5rem; flex: 1; padding: 0.5rem; }
  .copy button { border: 1px solid var(--tint); background: none; border-radius: 0.5rem; color: var(--tint); font: inherit; padding: 0.4rem 0.7rem; }
  ol.actions { padding-left: 1.4rem; } ol.actions li { margin: 0.7rem 0; }
  svg { display: block; height: auto; margin: 0.8rem auto; max-width: 100%; }
  .result { border-left: 0.25rem solid #1e9e4a; padding-left: 0.6rem; }
  .facts dt { float: none; font-weight: 600; margin-top: 0.6rem; color: inherit; }
  dl { margin: 0.2rem 0 0; } dt { float: left; clear: left; margin-right: 0.4rem; color: color-mix(in srgb, CanvasText 75%, Canvas); } dd { margin: 0; overflow-wrap: anywhere; }
`;

const FRAME = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{{title}}</title>
<style>{{{style}}}</style>
{{#hasScript}}
<script src="/setup-shortcut/live.js" defer></script>
{{/hasScript}}
</head>
<body>
{{> content}}
</body>
</html>
`;

/** A value that the user copies to the phone. */
const COPYABLE =
  '<div class="copy"><code>{{.}}</code><button type="button" data-copy="{{.}}">Copy</button></div>';

/** `content` is a Mustache template; it can use the partial `copyable`. */
export function renderPage(
  title: string,
  content: string,
  view: object,
  { hasScript = false }: { hasScript?: boolean } = {},
): string {
  return Mustache.render(FRAME, { ...view, title, style: STYLE, hasScript }, { content, copyable: COPYABLE });
}
