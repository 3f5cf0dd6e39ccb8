/**
 * Finds messages in the full-text index, newest first. The steps do not depend on estimates: PostgreSQL cannot know how
 * many messages contain the beginning of a word.
 *
 * - First the newest messages of the tenant are compared one by one. A common word is found 1,000 times in them.
 * - A word that would need too many messages is rare enough for the GIN index. The index is asked for one month, then for
 *   the months before it, twice as many each time. A range with too many hits is asked month by month, and the newest
 *   messages of a month with too many hits are compared again.
 */
import { firstIdAt, timeOfId } from '../../../shared/ids.ts';
import { foldText, searchWords } from '../../core/inbox/search-words.ts';
import type { NamedValues } from '../database.ts';
import { POSTGRES } from '../dialect.ts';
import { lower } from '../queries/message-browse.ts';
import { messagesOf } from '../search/read-hits.ts';
import { HITS_MAX, type HitRequest, type SearchIndex } from '../search/search-index.ts';
import { hasPhrases } from '../search/search-terms.ts';
import { monthAt } from './partitions.ts';
import { LONG_QUERY, queryOf } from './search-vector.ts';

/** Number of messages that are compared first. */
const FIRST_PART = 1_000;
/** Maximum number of messages that are compared before the GIN index is asked: about as fast as 20,000 of its hits. */
const COMPARED_MAX = 50_000;
/** Widest range of months, beside the oldest range. */
const MONTHS_MAX = 8;
/** Number of hits in a range from which it is asked month by month. */
const HITS_READ = 5_000;
/** PostgreSQL then reads all hits of a range. */
const ALL = 1_000_000_000;
/** Number of long texts that are read together. */
const LONG_TEXTS = 10;
const CONTACTS_PART = 1_000;
/** Sorts after every id. */
const LAST = '~';

const COMPARED = `SELECT COUNT(*) AS compared, MIN(message_id) AS lowest,
    ARRAY_AGG(message_id ORDER BY message_id DESC) FILTER (WHERE words @@ CAST(@query AS TSQUERY)) AS ids,
    ARRAY_AGG(message_id) FILTER (WHERE words @@ CAST(@query AS TSQUERY) AND words @@ CAST(@long AS TSQUERY)) AS long_ids
  FROM (SELECT message_id, words FROM search_entries
    WHERE world_id = @tenantId AND message_id >= @start AND message_id < @end
    ORDER BY message_id DESC LIMIT @limit) AS newest`;

const WITH_WORDS = `SELECT id, is_long, COUNT(*) OVER () AS hits FROM (
    SELECT message_id AS id, words @@ CAST(@long AS TSQUERY) AS is_long FROM search_entries
    WHERE words @@ CAST(@query AS TSQUERY) AND message_id >= @start AND message_id < @end LIMIT @read
  ) AS hit ORDER BY id DESC LIMIT @limit`;

interface ComparedRow {
  compared: number;
  lowest: string | null;
  ids: string[] | null;
  long_ids: string[] | null;
}

interface HitRow {
  id: string;
  is_long: number;
  hits: number;
}

export function searchIndex(all: SearchIndex['all']): SearchIndex {
  const index: SearchIndex = {
    dialect: POSTGRES,
    all,
    async newestWith(request) {
      const { since, until, before } = request;
      const start = since === undefined ? '' : firstIdAt(since);
      const end = lower(before, until === undefined ? undefined : firstIdAt(until)) ?? LAST;
      const first = { ids: [], end, isComplete: false };
      const compared = await compareNewest(request, start, first);
      const { ids } = compared.isComplete ? compared : await askIndex(request, start, compared);
      return ids.slice(0, HITS_MAX);
    },
    async handlesOfNames(tenantId, part, limit) {
      const found: string[] = [];
      let after = '';
      while (found.length < limit) {
        // PostgreSQL compares names of ASCII characters; others are folded here.
        const rows = await all<{ handle: string; name: string }>(
          `SELECT handle, name FROM contacts WHERE world_id = @tenantId AND handle > @after
             AND (OCTET_LENGTH(name) <> LENGTH(name) OR STRPOS(LOWER(name), @part) > 0)
           ORDER BY handle LIMIT @limit`,
          { tenantId, after, part, limit: CONTACTS_PART },
        );
        for (const { handle, name } of rows) if (foldText(name).includes(part)) found.push(handle);
        const last = rows.at(-1);
        if (last === undefined || rows.length < CONTACTS_PART) break;
        after = last.handle;
      }
      return found.slice(0, limit);
    },
  };
  return index;

  async function compareNewest(request: HitRequest, start: string, from: Part): Promise<Part> {
    const query = queryOf(request, request.terms);
    const ids = [...from.ids];
    let { end } = from;
    let compared = 0;
    for (let limit = FIRST_PART; ; ) {
      const values = { tenantId: request.tenantId, query: query.text, long: LONG_QUERY, start, end, limit };
      const [row] = await all<ComparedRow>(COMPARED, values);
      if (row?.lowest == null) return { ids, end, isComplete: true };
      ids.push(...(await exactOf(request, row.ids ?? [], query.isApproximate ? row.long_ids : null)));
      end = row.lowest;
      compared += row.compared;
      if (row.compared < limit || ids.length >= HITS_MAX) return { ids, end, isComplete: true };
      // As many as are likely to have the missing hits, and some more.
      const needed = Math.ceil(((HITS_MAX - ids.length) * compared * 1.2) / Math.max(1, ids.length));
      if (compared + needed > COMPARED_MAX) return { ids, end, isComplete: false };
      limit = needed;
    }
  }

  async function askIndex(request: HitRequest, start: string, from: Part): Promise<Part> {
    let part = from;
    for (const { lowest, isOneMonth } of rangesBefore(from.end, start)) {
      part = await readRange(request, lowest, part, isOneMonth);
      if (part.ids.length >= HITS_MAX) break;
    }
    return part;
  }

  async function readRange(
    request: HitRequest,
    start: string,
    from: Part,
    isOneMonth: boolean,
  ): Promise<Part> {
    const part = await readHits(request, start, from, HITS_READ);
    if (part.isComplete) return part;
    if (!isOneMonth) return askIndex(request, start, from);
    const compared = await compareNewest(request, start, from);
    return compared.isComplete ? compared : readHits(request, start, compared, ALL);
  }

  async function readHits(
    request: HitRequest,
    start: string,
    { ids, end }: Part,
    read: number,
  ): Promise<Part> {
    const query = queryOf(request, request.terms);
    const values: NamedValues = { query: query.text, long: LONG_QUERY, start, end, read };
    const limit = HITS_MAX - ids.length;
    const rows = await all<HitRow>(WITH_WORDS, { ...values, limit });
    if (rows[0]?.hits === read) return { ids, end, isComplete: false };
    const long = query.isApproximate ? rows.filter(({ is_long }) => is_long === 1) : [];
    const found = await exactOf(
      request,
      rows.map(({ id }) => id),
      long.map(({ id }) => id),
    );
    return { ids: [...ids, ...found], end: start, isComplete: true };
  }

  /** Removes long texts without the phrases. */
  async function exactOf(
    { tenantId, terms }: HitRequest,
    ids: readonly string[],
    long: readonly string[] | null,
  ): Promise<readonly string[]> {
    if (long === null || long.length === 0) return ids;
    const wrong = new Set(long);
    for (let done = 0; done < long.length; done += LONG_TEXTS) {
      const texts = await messagesOf<{ id: string; content: string }>(index, {
        ...{ tenantId, ids: long.slice(done, done + LONG_TEXTS) },
        ...{ columns: 'm.id, m.content', condition: 'm.deleted_at IS NULL' },
      });
      for (const { id, content } of texts) if (hasPhrases(searchWords(content), terms)) wrong.delete(id);
    }
    return ids.filter((id) => !wrong.has(id));
  }
}

/** The hits of a range, or of its newest part. */
interface Part {
  ids: readonly string[];
  /** All hits from this id on are in `ids`. */
  end: string;
  isComplete: boolean;
}

/** Returns the lowest id of each range: of the last month before the id, then of more and more months before it. */
function* rangesBefore(id: string, start: string): Iterable<{ lowest: string; isOneMonth: boolean }> {
  // The id may be the first one of a month.
  const at = timeOfId(id) - 1;
  let before = 0;
  for (let months = 1; months <= MONTHS_MAX; months *= 2) {
    const lowest = monthAt(at, 1 - months - before).from;
    if (lowest <= start) break;
    yield { lowest, isOneMonth: months === 1 };
    before += months;
  }
  yield { lowest: start, isOneMonth: start >= monthAt(at, -before).from };
}
