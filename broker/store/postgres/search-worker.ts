/** Searches in a worker thread, so that the texts that a search reads and ranks never block the broker. */
import { workerData } from 'node:worker_threads';
import { runSearch } from '../search/run-search.ts';
import { serveSearches } from '../search/serve-searches.ts';
import type { PostgresAddress } from './connection.ts';
import { SearchConnections } from './search-connections.ts';
import { searchIndex } from './search-index.ts';

const connections = new SearchConnections((workerData as { address: PostgresAddress }).address);

serveSearches((search) => connections.run((all) => runSearch(searchIndex(all), search)));
