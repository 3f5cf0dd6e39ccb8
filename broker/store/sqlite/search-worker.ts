/** Searches in a worker thread with a separate connection, so that a search never blocks the broker. */
import { workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { runSearch } from '../search/run-search.ts';
import { serveSearches } from '../search/serve-searches.ts';
import { searchIndex } from './search-index.ts';

const PAGE_CACHE_KIB = 32 * 1024;

const connection = new Database((workerData as { file: string }).file, { readonly: true });
connection.pragma(`cache_size = -${PAGE_CACHE_KIB}`);
const index = searchIndex(connection);

serveSearches((search) => runSearch(index, search));
