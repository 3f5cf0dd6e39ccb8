/** Serves the search in the documentation: a page of results, and JSON for the suggestions of the search field. */
import { z } from 'zod';
import { type Operation, operation } from '../http/operation.ts';
import type { Search } from './pages/search-index.ts';
import type { Site } from './pages/site.ts';

export interface SearchOptions {
  loadSite(): Promise<Site>;
  /** Path prefix of the site. */
  base(): string;
}

/** Also the `maxlength` of the search field. */
const QUERY_MAX_CHARACTERS = 200;

const query = z.object({
  q: z
    .string({ error: "'q' must be given once." })
    .max(QUERY_MAX_CHARACTERS, { error: `'q' must be at most ${QUERY_MAX_CHARACTERS} characters.` })
    .default('')
    .describe('Words to search for.'),
});

const HEADERS = { 'cache-control': 'public, max-age=300' };

export function searchOperations({ loadSite, base }: SearchOptions): Operation<undefined>[] {
  let search: Promise<Search> | undefined;
  const loadSearch = () => {
    search ??= Promise.all([loadSite(), import('./pages/search-index.ts')]).then(([site, { createSearch }]) =>
      createSearch(site),
    );
    return search;
  };
  return [
    operation({
      id: 'search',
      method: 'GET',
      path: '/docs/search',
      summary: 'Search the documentation',
      query,
      responses: { 200: { description: 'The page of the results.' }, 400: { description: 'Invalid query.' } },
      async handle({ query: { q } }) {
        const [site, find, { searchPage }] = await Promise.all([
          loadSite(),
          loadSearch(),
          import('./pages/search-page.ts'),
        ]);
        const words = q.trim();
        const body = searchPage({
          ...{ query: words, results: find(words), base: base() },
          sections: site.navigation,
        });
        return { status: 200, contentType: 'text/html; charset=utf-8', body, headers: HEADERS };
      },
    }),
    operation({
      id: 'searchResults',
      method: 'GET',
      path: '/docs/search.json',
      summary: 'Search the documentation, with the results as JSON',
      query,
      responses: { 200: { description: 'The results.' }, 400: { description: 'Invalid query.' } },
      async handle({ query: { q } }) {
        const find = await loadSearch();
        return { status: 200, body: { results: find(q) }, headers: HEADERS };
      },
    }),
  ];
}
