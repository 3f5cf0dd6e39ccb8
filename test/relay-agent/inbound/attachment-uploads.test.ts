/** Tests retries of attachment uploads. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { attachmentUploads } from '../../../relay-agent/inbound/attachment-uploads.ts';
import { TransferError } from '../../../relay-agent/transport/media-transfer.ts';
import { until } from '../../support/until.ts';

it('an upload that waits for its next attempt is retried as soon as the broker is reachable', async () => {
  const home = mkdtempSync(join(tmpdir(), 'homing-uploads-'));
  writeFileSync(join(home, 'a.txt'), 'text');
  let isReachable = false;
  let attempts = 0;
  const uploads = attachmentUploads({
    transfer: {
      async upload() {
        attempts += 1;
        if (!isReachable) throw new TransferError('The broker does not respond.', true);
      },
    },
    home,
    wait: () => new Promise(() => {}),
    random: () => 1,
    onProblem: () => {},
  });
  try {
    const uploaded = uploads.upload([
      { guid: 'g', path: '~/a.txt', name: 'a.txt', contentType: 'text/plain', bytes: 4, isComplete: true },
    ]);
    await until('the first attempt', () => attempts === 1);
    uploads.retryNow();
    await until('the second attempt', () => attempts === 2);
    isReachable = true;
    uploads.retryNow();
    expect(await uploaded).toMatchObject([{ id: 'g', size: 4, name: 'a.txt' }]);
    expect(attempts).toBe(3);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});
