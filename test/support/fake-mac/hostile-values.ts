/** Creates values of apps, and values that a damaged or hostile chat.db may contain. */
import { buildBinary, type PlistValue } from 'plist';

/** A binary property list of nested arrays, each of which contains the next one twice. */
export function repeatingPropertyList(depth: number, { isCyclic = false } = {}): Buffer {
  const objects = Array.from({ length: depth }, (_, index) => Buffer.from([0xa2, index + 1, index + 1]));
  objects.push(isCyclic ? Buffer.from([0xa1, 0]) : Buffer.from([0x09]));
  const offsets: number[] = [];
  let end = 8;
  for (const { length } of objects) {
    offsets.push(end);
    end += length;
  }
  const trailer = Buffer.alloc(32);
  trailer[6] = 1;
  trailer[7] = 1;
  trailer.writeUInt32BE(objects.length, 12);
  trailer.writeUInt32BE(end, 28);
  return Buffer.concat([Buffer.from('bplist00'), ...objects, Buffer.from(offsets), trailer]);
}

/** The payload of an app message, as NSKeyedArchiver writes it. */
export function appPayload(texts: { ldtext?: string; caption?: string; an?: string }): Buffer {
  const objects: PlistValue[] = ['$null'];
  const add = (value: PlistValue) => ({ UID: objects.push(value) - 1 });
  const dictionary = (entries: Record<string, PlistValue>) => {
    const at = add('');
    objects[at.UID] = {
      'NS.keys': Object.keys(entries).map(add),
      'NS.objects': Object.values(entries).map((value) =>
        typeof value === 'object' && value !== null && 'UID' in value ? value : add(value),
      ),
    };
    return at;
  };
  const { caption = '', ...own } = texts;
  const root = dictionary({ ...own, userInfo: dictionary({ 'image-title': '', caption }) });
  const archive = { $version: 100_000, $archiver: 'NSKeyedArchiver', $top: { root }, $objects: objects };
  return Buffer.from(buildBinary(archive));
}
