/** Tests conversions of image attachments: thumbnails and JPEG copies by signed links. */
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningBroker } from '../../support/homing-process.ts';
import { HEIC, noisyPng, twoColours } from '../../support/images.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import { type LinkedFiles, linkedFiles } from '../../support/linked-files.ts';

const NOT_CONVERTED = "Request the unchanged file, without 'thumbnail' and 'format'.";

describe('conversions of image attachments', () => {
  let broker: RunningBroker;
  let files: LinkedFiles;
  beforeAll(async () => {
    broker = await startInProcess();
    files = await linkedFiles(broker, '+14155556811');
  });
  afterAll(() => broker?.dispose());

  const bytesOf = async (response: Response) => Buffer.from(await response.arrayBuffer());
  const convert = async (url: string, query: string) => {
    const response = await fetch(`${url}&${query}`);
    const bytes = await bytesOf(response);
    expect(response.status, bytes.toString('utf8').slice(0, 200)).toBe(200);
    const { format, width, height } = await sharp(bytes).metadata();
    return { response, bytes, image: { format, width, height } };
  };
  const expectRefused = async (url: string, reason: string, query = 'thumbnail=64') => {
    const response = await fetch(`${url}&${query}`);
    expect([response.status, await response.json()]).toEqual([
      415,
      { error: { code: 'unsupported_media_type', message: `${reason} ${NOT_CONVERTED}` } },
    ]);
  };

  it('thumbnail returns a smaller JPEG within the pixels, with a name and a digest', async () => {
    const photo = await noisyPng(600, 300);
    const link = await files.receive(photo, 'image/png', 'beach photo.png');
    const { response, bytes, image } = await convert(link, 'thumbnail=128');
    expect(image).toEqual({ format: 'jpeg', width: 128, height: 64 });
    expect(bytes.length).toBeLessThan(photo.length / 10);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'image/jpeg',
      'content-length': String(bytes.length),
      'content-disposition': "inline; filename*=UTF-8''beach%20photo.jpg",
      'content-security-policy': "sandbox; default-src 'none'",
      'x-content-type-options': 'nosniff',
    });
    expect((await convert(link, 'thumbnail=1024')).image).toEqual({
      ...{ format: 'jpeg', width: 600, height: 300 },
    });
    expect((await bytesOf(await fetch(link))).equals(photo)).toBe(true);
  });

  it.each(['jpeg', 'png', 'webp', 'gif', 'avif', 'tiff'] as const)(
    'thumbnail reads %s images',
    async (format) => {
      const bytes = await twoColours(200, 100).toFormat(format).toBuffer();
      const link = await files.receive(bytes, `image/${format}`);
      expect((await convert(link, 'thumbnail=100')).image).toEqual({
        ...{ format: 'jpeg', width: 100, height: 50 },
      });
    },
  );

  it('thumbnail reads HEIC images', async () => {
    const link = await files.receive(HEIC, 'image/heic', 'IMG_0001.HEIC');
    const { response, image } = await convert(link, 'thumbnail=80');
    expect(image).toEqual({ format: 'jpeg', width: 80, height: 60 });
    expect(response.headers.get('content-disposition')).toContain('IMG_0001.jpg');
  });

  it('format=jpeg converts a HEIC image in its size', async () => {
    const link = await files.receive(HEIC, 'image/heic', 'IMG_0002.HEIC');
    const { bytes, image } = await convert(link, 'format=jpeg');
    expect(image).toEqual({ format: 'jpeg', width: 160, height: 120 });
    // The fixture is dark at its upper left corner.
    const [red, green] = await sharp(bytes)
      .extract({ left: 0, top: 0, width: 1, height: 1 })
      .raw()
      .toBuffer();
    expect(Math.max(red!, green!)).toBeLessThan(40);
    expect((await bytesOf(await fetch(link))).equals(HEIC)).toBe(true);
  });

  it('an image keeps its transparency as a PNG, and gets a white background as a JPEG', async () => {
    const background = { r: 0, g: 0, b: 0, alpha: 0 };
    const clear = await sharp({ create: { width: 90, height: 90, channels: 4, background } })
      .png()
      .toBuffer();
    const link = await files.receive(clear, 'image/png', 'clear.png');
    const png = await convert(link, 'thumbnail=64');
    expect(png.image).toEqual({ format: 'png', width: 64, height: 64 });
    expect([...(await sharp(png.bytes).raw().toBuffer())][3]).toBe(0);
    const jpeg = await convert(link, 'thumbnail=64&format=jpeg');
    expect(jpeg.image.format).toBe('jpeg');
    expect([...(await sharp(jpeg.bytes).raw().toBuffer()).subarray(0, 3)]).toEqual([255, 255, 255]);
  });

  it('a photo is turned as its EXIF data says, and loses its metadata', async () => {
    const exif = { IFD0: { Copyright: 'secret place' } };
    const photo = await twoColours(200, 100)
      .jpeg()
      .withExif(exif)
      .withMetadata({ orientation: 6 })
      .toBuffer();
    const link = await files.receive(photo, 'image/jpeg');
    const { bytes, image } = await convert(link, 'thumbnail=100');
    expect(image).toEqual({ format: 'jpeg', width: 50, height: 100 });
    expect((await sharp(bytes).metadata()).exif).toBeUndefined();
  });

  it('format=jpeg returns a JPEG file unchanged', async () => {
    const photo = await twoColours(80, 80).jpeg().toBuffer();
    const link = await files.receive(photo, 'image/jpeg');
    expect((await convert(link, 'format=jpeg')).bytes.equals(photo)).toBe(true);
  });

  it('a thumbnail has ranges, validators and HEAD like a file', async () => {
    const link = `${await files.receive(await noisyPng(150, 150), 'image/png')}&thumbnail=64`;
    const whole = await fetch(link);
    const bytes = await bytesOf(whole);
    const etag = whole.headers.get('etag')!;
    const part = await fetch(link, { headers: { range: 'bytes=2-5', 'if-range': etag } });
    expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 2-5/${bytes.length}`]);
    expect((await bytesOf(part)).equals(bytes.subarray(2, 6))).toBe(true);
    expect((await fetch(link, { headers: { 'if-none-match': etag } })).status).toBe(304);
    const head = await fetch(link, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(bytes.length)]);
  });

  it.each([
    ['thumbnail=63', "'thumbnail' must be a whole number from 64 to 1024."],
    ['thumbnail=1025', "'thumbnail' must be a whole number from 64 to 1024."],
    ['thumbnail=', "'thumbnail' must be a whole number from 64 to 1024."],
    ['thumbnail=100px', "'thumbnail' must be a whole number from 64 to 1024."],
    ['thumbnail=64&thumbnail=65', "'thumbnail' must be given once."],
    ['format=png', "'format' must be one of: jpeg."],
  ])('%s returns 400', async (query, message) => {
    const response = await fetch(`${await files.receive(HEIC, 'image/heic')}&${query}`);
    expect([response.status, await response.json()]).toEqual([
      400,
      { error: { code: 'invalid_request', message } },
    ]);
  });

  it('a changed signature returns 403 before any conversion', async () => {
    const link = await files.receive(HEIC, 'image/heic');
    expect((await fetch(`${link.replace(/.$/, '')}&thumbnail=64`)).status).toBe(403);
  });

  it('other files return 415', async () => {
    const text = Buffer.from('not a picture '.repeat(1_000));
    await expectRefused(await files.receive(text, 'text/plain'), 'The file is not an image.');
    await expectRefused(await files.receive(text, 'video/mp4'), 'The file is not an image.', 'format=jpeg');
    await expectRefused(await files.receive(text, 'image/png'), 'The file is not an image.');
    await expectRefused(await files.receive(Buffer.alloc(0), 'image/png'), 'The file is not an image.');
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
    await expectRefused(await files.receive(svg, 'image/svg+xml'), 'The file is not an image.');
    const bitmap = Buffer.concat([Buffer.from('BM'), Buffer.alloc(200)]);
    await expectRefused(
      await files.receive(bitmap, 'image/bmp'),
      'Images of this type are not supported. Supported types: JPEG, PNG, WebP, GIF, AVIF, TIFF, HEIC.',
    );
  });

  it('truncated and damaged images return 415', async () => {
    const photo = await twoColours(300, 300).jpeg().toBuffer();
    for (const [bytes, type] of [
      [photo.subarray(0, photo.length / 2), 'image/jpeg'],
      [(await noisyPng(80, 80)).subarray(0, 5_000), 'image/png'],
      [HEIC.subarray(0, 900), 'image/heic'],
      [HEIC.subarray(0, 40), 'image/heic'],
    ] as const) {
      await expectRefused(await files.receive(bytes, type), 'The image is damaged.');
    }
  });

  it('an image with too many pixels or bytes returns 415', async () => {
    const reason = 'The image is too large. The maximum is 32 MB and 50 megapixels.';
    const background = 'red';
    const bomb = await sharp({ create: { width: 8_000, height: 7_000, channels: 3, background } })
      .png()
      .toBuffer();
    await expectRefused(await files.receive(bomb, 'image/png'), reason);
    const heavy = Buffer.concat([HEIC, Buffer.alloc(32 * 1024 * 1024)]);
    await expectRefused(await files.receive(heavy, 'image/heic'), reason);
  });

  it('images with changed bytes are converted or return 415, and the broker goes on', async () => {
    const originals = [
      [HEIC, 'image/heic'],
      [await twoColours(64, 64).jpeg().toBuffer(), 'image/jpeg'],
      [await twoColours(64, 64).webp().toBuffer(), 'image/webp'],
      [await twoColours(64, 64).avif().toBuffer(), 'image/avif'],
    ] as const;
    for (const [original, type] of originals) {
      for (let round = 1; round <= 12; round += 1) {
        const changed = Buffer.from(original);
        for (let change = 0; change < round; change += 1) {
          changed[(round * 7_919 + change * 104_729) % changed.length] = (round * 31 + change * 17) % 256;
        }
        const response = await fetch(`${await files.receive(changed, type)}&thumbnail=64`);
        expect([200, 415], `${type} ${round}`).toContain(response.status);
        await response.arrayBuffer();
      }
    }
    const intact = await files.receive(HEIC, 'image/heic');
    expect((await convert(intact, 'thumbnail=90')).image.width).toBe(90);
  });

  it('many concurrent requests are all served', async () => {
    const link = await files.receive(await noisyPng(400, 400), 'image/png');
    const sizes = Array.from({ length: 24 }, (_, index) => 100 + (index % 12));
    const images = await Promise.all(sizes.map((size) => convert(link, `thumbnail=${size}`)));
    expect(images.map(({ image }) => image.width)).toEqual(sizes);
  });
});
