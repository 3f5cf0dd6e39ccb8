declare module 'split-sms' {
  /** `summary` leaves the parts' contents out. */
  export function split(
    text: string,
    options?: { summary?: boolean },
  ): { characterSet: 'GSM' | 'Unicode'; parts: Array<{ length: number; bytes: number }> };
}
