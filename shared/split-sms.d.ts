declare module 'split-sms' {
  /** `summary` omits the contents of the parts. */
  export function split(
    text: string,
    options?: { summary?: boolean },
  ): { characterSet: 'GSM' | 'Unicode'; parts: Array<{ length: number; bytes: number }> };
}
