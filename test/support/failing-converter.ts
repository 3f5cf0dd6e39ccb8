/** A converter process for tests: it does what the first byte of the file says. */
import type { ConverterRequest, ConverterResponse } from '../../broker/media/images/conversion.ts';

const respond = (response: ConverterResponse) => process.send?.(response);

process.on('message', (request: ConverterRequest) => {
  if (request.type !== 'part') return;
  switch (String.fromCharCode(request.bytes[0] ?? 0)) {
    case 'c':
      process.kill(process.pid, 'SIGSEGV');
      return;
    case 'e':
      process.exit(3);
      return;
    case 'h':
      return;
    default: {
      const isLarge = request.bytes[0] === 'l'.charCodeAt(0);
      respond({ type: 'part', bytes: Buffer.from(String(process.pid)) });
      respond({ type: 'converted', contentType: 'image/png', width: 1, height: 1, sha256: '', isLarge });
    }
  }
});
