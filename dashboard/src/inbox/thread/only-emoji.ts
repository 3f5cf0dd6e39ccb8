/** Detects a text of up to three emoji and nothing else, which Messages shows large and without a bubble. */
const LARGE_MAX = 3;
const EMOJI = /^(?:\p{RGI_Emoji}|\p{Extended_Pictographic}\u{FE0F}?)$/v;
const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
/** A longer text is never only three emoji. */
const TEXT_MAX = 64;

export function isOnlyEmoji(text: string): boolean {
  const trimmed = text.replace(/\s/g, '');
  if (trimmed === '' || trimmed.length > TEXT_MAX) return false;
  const graphemes = [...segmenter.segment(trimmed)];
  return graphemes.length <= LARGE_MAX && graphemes.every(({ segment }) => EMOJI.test(segment));
}
