/** Renders the search results as a page that needs no script. */
import Mustache from 'mustache';
import { framePage } from './frame.ts';
import type { SearchResult } from './search-index.ts';

const RESULTS = `<h1>Search</h1>
{{#query}}
<p role="status">{{count}} for “{{query}}”.</p>
{{/query}}
{{^query}}
<p>Enter words in the search field: the name of a field, an error code or a task.</p>
{{/query}}
<ol class="results">
{{#results}}
<li><a href="{{base}}{{path}}">{{heading}}{{#section}}: {{section}}{{/section}}</a><p>{{excerpt}}</p></li>
{{/results}}
</ol>
`;

export interface SearchPage {
  query: string;
  results: readonly SearchResult[];
  /** Path prefix of the site. */
  base: string;
  sections: Parameters<typeof framePage>[0]['sections'];
}

export function searchPage({ query, results, base, sections }: SearchPage): string {
  const count = results.length === 1 ? '1 result' : `${results.length} results`;
  return framePage({
    title: query === '' ? 'Search: Homing' : `${query}: search in the documentation of Homing`,
    description: 'Search in the documentation of Homing.',
    ...{ canonical: '', markdown: '', base, query, sections, headings: [], rest: '' },
    intro: Mustache.render(RESULTS, { query, count, results, base }),
  });
}
