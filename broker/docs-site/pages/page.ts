/**
 * A page of the documentation. It is written in Markdown, whatever it is made from: the HTML is made of that, and
 * programs that read get it as it is. Links from page to page are paths that end in `.md`, in both.
 */
export interface Page {
  /** Where it is, without the public address: `/docs/guides/send`. */
  path: string;
  /** Plain text, the page's one heading of the first rank. */
  heading: string;
  /** Plain text, unlike every other page's: what a search engine shows as its name. */
  title: string;
  /** Plain text, one or two sentences. */
  description: string;
  /** Begins with the heading. */
  markdown(): string;
}

/** A place in the navigation: a page, and the pages below it. */
export interface Section {
  name: string;
  pages: readonly { page: Page; name: string; below?: readonly { page: Page; name: string }[] }[];
}

/** What stands in guides and examples for the broker's own address. */
export const WRITTEN_ADDRESS = 'http://127.0.0.1:8080';
