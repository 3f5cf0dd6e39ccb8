/** Chooses one of the colours of senders in groups: by the place among the participants, so that few share one. */
const COLORS = 6;

export function senderColor(handle: string, participants: ReadonlyArray<{ handle: string }>): number {
  const place = participants.findIndex((one) => one.handle === handle);
  return place < 0 ? hashOf(handle) : place % COLORS;
}

/** Derives the colour of a former participant from the handle. */
function hashOf(handle: string): number {
  let sum = 0;
  for (const character of handle) sum = (sum * 31 + character.charCodeAt(0)) % 65_521;
  return sum % COLORS;
}
