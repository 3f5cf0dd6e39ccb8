/**
 * Defines a page of the documentation. Its source is Markdown, which is served unchanged and rendered as HTML. A link to
 * another page is a path that ends in `.md`.
 */
export interface Page {
  /** Path without the public address: `/docs/guides/send`. */
  path: string;
  /** Plain text of the heading of level 1. */
  heading: string;
  /** Plain text, unique among the pages: the title in search results. */
  title: string;
  /** Plain text, one or two sentences. */
  description: string;
  /** Begins with the heading. */
  markdown(): string;
}

/** A section of the navigation, with pages and subpages. */
export interface Section {
  name: string;
  pages: readonly { page: Page; name: string; below?: readonly { page: Page; name: string }[] }[];
}

/** Address of the broker in guides and examples; it is replaced by the public address. */
export const WRITTEN_ADDRESS = 'http://127.0.0.1:8080';
