/**
 * Reads the text of a message that an app made, such as a payment or a move in a game, from `payload_data`: a property list
 * of NSKeyedArchiver, in which values refer to each other by their position.
 */
import { z } from 'zod';
import { parsePropertyList } from './property-list.ts';

/** The app of link previews; their text is the link. */
export const LINK_PREVIEW_APP = 'com.apple.messages.URLBalloonProvider';

const reference = z.object({ UID: z.number().int().nonnegative() });
const archive = z.object({ $top: z.object({ root: reference }), $objects: z.array(z.unknown()) });
const dictionary = z.object({ 'NS.keys': z.array(reference), 'NS.objects': z.array(reference) });
const TEXT_MAX_CHARACTERS = 1_000;

/** Returns undefined for an app message without a text. */
export function appMessageText(payload: Buffer): string | undefined {
  try {
    const { $top, $objects } = archive.parse(parsePropertyList(payload));
    const entries = (value: unknown): ReadonlyMap<unknown, unknown> => {
      const { 'NS.keys': keys, 'NS.objects': values } = dictionary.parse(value);
      return new Map(keys.map(({ UID }, index) => [$objects[UID], $objects[values[index]?.UID ?? 0]]));
    };
    const root = entries($objects[$top.root.UID]);
    const ownText = textOf(root.get('ldtext'));
    if (ownText !== undefined) return ownText;
    const layout = root.get('userInfo');
    return layout === undefined ? undefined : textOf(entries(layout).get('caption'));
  } catch {
    // The payload has another form, which only its app knows.
    return undefined;
  }
}

function textOf(value: unknown): string | undefined {
  const text = typeof value === 'string' ? value.trim().slice(0, TEXT_MAX_CHARACTERS) : '';
  return text === '' ? undefined : text;
}
