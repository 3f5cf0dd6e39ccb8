/** The bytes that Messages writes for a text: an NSMutableAttributedString as an NSArchiver typedstream. */
const ascii = (text: string) => Buffer.from(text, 'latin1');
const HEAD = Buffer.concat([
  ascii('\x04\x0bstreamtyped\x81\xe8\x03\x84\x01@\x84\x84\x84\x19NSMutableAttributedString\x00'),
  ascii('\x84\x84\x12NSAttributedString\x00\x84\x84\x08NSObject\x00\x85\x92'),
  ascii('\x84\x84\x84\x0fNSMutableString\x01\x84\x84\x08NSString\x01\x95\x84\x01+'),
]);
const ATTRIBUTES = Buffer.concat([
  ascii('\x92\x84\x84\x84\x0cNSDictionary\x00\x95\x84\x01i\x01'),
  ascii('\x92\x84\x98\x98\x1d__kIMMessagePartAttributeName\x86'),
  ascii('\x92\x84\x84\x84\x08NSNumber\x00\x84\x84\x07NSValue\x00\x95\x84\x01*\x84\x9b\x9b\x00\x86\x86\x86'),
]);

/** Below 0x80 one byte; above, a tag and two or four bytes, little endian. */
function integer(value: number): Buffer {
  if (value < 0x80) return Buffer.from([value]);
  const bytes = Buffer.alloc(value < 0x8000 ? 3 : 5);
  bytes[0] = value < 0x8000 ? 0x81 : 0x82;
  if (value < 0x8000) bytes.writeUInt16LE(value, 1);
  else bytes.writeUInt32LE(value, 1);
  return bytes;
}

export function attributedBody(text: string): Buffer {
  const utf8 = Buffer.from(text, 'utf8');
  return Buffer.concat([
    HEAD,
    integer(utf8.length),
    utf8,
    Buffer.from([0x86, 0x84, 0x02]),
    ascii('iI'),
    integer(1),
    // The run's length counts UTF-16 units.
    integer(text.length),
    ATTRIBUTES,
  ]);
}
