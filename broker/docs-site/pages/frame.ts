/** Renders the frame of a page: head, search field, navigation and table of contents. It works without its script. */
import Mustache from 'mustache';

interface NeighborLink {
  href: string;
  name: string;
}

export interface Framed {
  title: string;
  description: string;
  /** Complete address; empty for a page that search engines must not list. */
  canonical: string;
  markdown: string;
  /** Path prefix of the site. */
  base: string;
  intro: string;
  rest: string;
  /** The words of a search. */
  query?: string;
  previous?: NeighborLink | undefined;
  next?: NeighborLink | undefined;
  headings: readonly { id: string; text: string }[];
  sections: readonly {
    name: string;
    links: readonly { href: string; name: string; isHere: boolean; below: readonly object[] }[];
  }[];
}

export const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' rx='8' fill='%230b62d6'/%3E%3Cpath d='M8 9h16v11H15l-5 4v-4H8z' fill='white'/%3E%3C/svg%3E";

const TEMPLATE = `<!doctype html>
<html lang="en" data-base="{{base}}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{title}}</title>
<meta name="description" content="{{description}}">
<meta name="color-scheme" content="light dark">
{{#canonical}}
<link rel="canonical" href="{{canonical}}">
<link rel="alternate" type="text/markdown" href="{{markdown}}">
<meta property="og:type" content="article">
<meta property="og:site_name" content="Homing">
<meta property="og:title" content="{{title}}">
<meta property="og:description" content="{{description}}">
<meta property="og:url" content="{{canonical}}">
{{/canonical}}
{{^canonical}}
<meta name="robots" content="noindex">
{{/canonical}}
<link rel="icon" href="${ICON}">
<link rel="stylesheet" href="{{base}}/docs/style.css">
<script src="{{base}}/docs/page.js" defer></script>
</head>
<body>
<a class="skip" href="#content">Skip to the text</a>
<header class="top">
<a class="brand" href="{{base}}/docs">Homing</a>
<a href="{{base}}/docs/guides/quickstart">Quickstart</a>
<a href="{{base}}/docs/reference">Reference</a>
<form class="search" role="search" action="{{base}}/docs/search">
<input type="search" name="q" value="{{query}}" maxlength="200" placeholder="Search" aria-label="Search the documentation" autocomplete="off">
</form>
<a class="menu" href="#menu">Menu</a>
</header>
<div class="columns">
<main id="content" tabindex="-1">
<article>
<div class="intro">
{{{intro}}}
</div>
{{#hasContents}}
<nav class="contents" aria-label="On this page">
<p>On this page</p>
<ul>
{{#headings}}
<li><a href="#{{id}}">{{text}}</a></li>
{{/headings}}
</ul>
</nav>
{{/hasContents}}
<div class="rest">
{{{rest}}}
</div>
</article>
{{#hasNeighbors}}
<nav class="neighbors" aria-label="Previous and next page">
{{#previous}}<a rel="prev" href="{{href}}"><small>Previous</small> {{name}}</a>{{/previous}}
{{#next}}<a rel="next" href="{{href}}"><small>Next</small> {{name}}</a>{{/next}}
</nav>
{{/hasNeighbors}}
{{#canonical}}
<footer><a href="{{markdown}}">This page as Markdown</a></footer>
{{/canonical}}
</main>
<nav id="menu" tabindex="-1" aria-label="All pages">
{{#sections}}
<h2>{{name}}</h2>
<ul>
{{#links}}
<li><a href="{{href}}"{{#isHere}} aria-current="page"{{/isHere}}>{{name}}</a>
{{#hasBelow}}
<ul>
{{#below}}
<li><a href="{{href}}"{{#isHere}} aria-current="page"{{/isHere}}>{{name}}</a></li>
{{/below}}
</ul>
{{/hasBelow}}
</li>
{{/links}}
</ul>
{{/sections}}
</nav>
</div>
</body>
</html>
`;

/** `intro` and `rest` are HTML; the other values are text. */
export function framePage(page: Framed): string {
  return Mustache.render(TEMPLATE, {
    ...page,
    hasContents: page.headings.length > 1,
    hasNeighbors: page.previous !== undefined || page.next !== undefined,
    sections: page.sections.map((section) => ({
      ...section,
      links: section.links.map((link) => ({ ...link, hasBelow: link.below.length > 0 })),
    })),
  });
}
