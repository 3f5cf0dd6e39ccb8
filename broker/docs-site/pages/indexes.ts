/** Makes the sitemap and robots.txt for search engines, and llms.txt for language models. */
import type { Site } from './site.ts';

export function sitemap({ pages }: Site, publicUrl: string): string {
  const lines = [...pages.keys(), '/docs/interactive'].map(
    (path) => `<url><loc>${escapeXml(publicUrl + path)}</loc></url>`,
  );
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">',
    ...lines,
    '</urlset>',
    '',
  ].join('\n');
}

export function robots(publicUrl: string): string {
  return `User-agent: *\nAllow: /\nDisallow: /media/\nDisallow: /setup-shortcut\n\nSitemap: ${publicUrl}/sitemap.xml\n`;
}

/** https://llmstxt.org: a list of links to Markdown, in sections. */
export function llms({ sections }: Site, publicUrl: string): string {
  const entry = ({ page, name }: { page: { path: string; description: string }; name: string }) =>
    `- [${name}](${publicUrl}${page.path}.md): ${page.description}`;
  return [
    '# Homing',
    '',
    '> Homing turns an iPhone or a Mac that its owner already has into an iMessage API. Clients of Texting Blue, Textree, Inkbox and TextUs work with it.',
    '',
    `OpenAPI 3.1 document of every operation: ${publicUrl}/openapi.json. All pages in one file: ${publicUrl}/llms-full.txt.`,
    ...sections.flatMap(({ name, pages }) => [
      '',
      `## ${name}`,
      '',
      ...pages.flatMap((one) => [entry(one), ...(one.below ?? []).map(entry)]),
    ]),
    '',
  ].join('\n');
}

export function llmsFull({ pages, markdownOf }: Site): string {
  return [...pages.values()].map(markdownOf).join('\n');
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
