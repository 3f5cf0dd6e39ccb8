/** Lists the opt-out words of other languages than English, by the country calling code of the number. */
const WORDS = {
  danish: ['AFMELD', 'FRAMELD'],
  dutch: ['STOPPEN', 'AFMELDEN', 'UITSCHRIJVEN'],
  finnish: ['LOPETA'],
  french: ['ARRET', 'ARRETER', 'DESABONNER'],
  german: ['STOPP', 'ABMELDEN', 'ABBESTELLEN'],
  italian: ['FERMA', 'DISISCRIVI', 'CANCELLAMI'],
  norwegian: ['STOPP', 'AVSLUTT'],
  polish: ['WYPISZ', 'REZYGNUJE'],
  portuguese: ['PARAR', 'SAIR', 'CANCELAR'],
  spanish: ['ALTO', 'PARAR', 'BAJA'],
  swedish: ['STOPP', 'AVSLUTA'],
} as const;

type Language = keyof typeof WORDS;

/** No code is a prefix of another one. */
const LANGUAGES: Readonly<Record<string, readonly Language[]>> = {
  // The United States and Canada.
  '1': ['french'],
  '31': ['dutch'],
  '32': ['dutch', 'french', 'german'],
  '33': ['french'],
  '34': ['spanish'],
  '351': ['portuguese'],
  '352': ['french', 'german'],
  '358': ['finnish', 'swedish'],
  '377': ['french'],
  '378': ['italian'],
  '39': ['italian', 'german'],
  '41': ['german', 'french', 'italian'],
  '423': ['german'],
  '43': ['german'],
  '45': ['danish'],
  '46': ['swedish'],
  '47': ['norwegian'],
  '48': ['polish'],
  '49': ['german'],
  '51': ['spanish'],
  '52': ['spanish'],
  '53': ['spanish'],
  '54': ['spanish'],
  '55': ['portuguese'],
  '56': ['spanish'],
  '57': ['spanish'],
  '58': ['spanish'],
  '502': ['spanish'],
  '503': ['spanish'],
  '504': ['spanish'],
  '505': ['spanish'],
  '506': ['spanish'],
  '507': ['spanish'],
  '591': ['spanish'],
  '593': ['spanish'],
  '595': ['spanish'],
  '598': ['spanish'],
};

const CODE_MAX_DIGITS = 3;
const NONE: ReadonlySet<string> = new Set();
/** The words by country calling code. */
export const OPT_OUT_WORDS = Object.entries(LANGUAGES).map(
  ([code, languages]): readonly [string, ReadonlySet<string>] => [
    code,
    new Set(languages.flatMap((language): readonly string[] => WORDS[language])),
  ],
);
const BY_CODE = new Map(OPT_OUT_WORDS);

/** Returns the words without accents, in capitals. @param phoneNumber E.164 */
export function optOutWordsOf(phoneNumber: string): ReadonlySet<string> {
  for (let digits = 1; digits <= CODE_MAX_DIGITS; digits += 1) {
    const words = BY_CODE.get(phoneNumber.slice(1, 1 + digits));
    if (words !== undefined) return words;
  }
  return NONE;
}
