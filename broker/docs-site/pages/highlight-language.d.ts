/** A language of highlight.js, as `registerLanguage` takes it. */
export type Language = (hljs: object) => object;

declare const language: Language;
export default language;
