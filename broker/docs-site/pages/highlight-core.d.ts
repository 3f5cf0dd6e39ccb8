/** What is used of highlight.js. Its own types bring those of a browser along, for the whole program. */
import type { Language } from './highlight-language.d.ts';

declare const hljs: {
  registerLanguage(name: string, language: Language): void;
  getLanguage(name: string): object | undefined;
  /** HTML in which everything of the text is escaped. */
  highlight(text: string, options: { language: string }): { value: string };
};
export default hljs;
