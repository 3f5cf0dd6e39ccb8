/** Types of the used part of highlight.js. Its own types would add the types of a browser to the whole program. */
import type { Language } from './highlight-language.d.ts';

declare const hljs: {
  registerLanguage(name: string, language: Language): void;
  getLanguage(name: string): object | undefined;
  /** Returns HTML with the text escaped. */
  highlight(text: string, options: { language: string }): { value: string };
};
export default hljs;
