/** Tests the converter processes: their number, their end, and failures of single jobs. */
import { afterEach, describe, expect, it } from 'vitest';
import {
  ImageConverter,
  type ImageConverterOptions,
} from '../../../../broker/media/images/image-converter.ts';
import { until } from '../../../support/until.ts';

const module = new URL('../../../support/failing-converter', import.meta.url);

describe('the image converter', () => {
  let converter: ImageConverter | undefined;
  afterEach(() => converter?.close());

  const open = (options: ImageConverterOptions = {}) => {
    const opened = new ImageConverter({ module, ...options });
    converter = opened;
    return (file: string) =>
      opened.convert(
        { format: 'auto' },
        (async function* () {
          yield Buffer.from(file);
        })(),
      );
  };
  const pidOf = (result: unknown) => Number((result as { bytes: Buffer }).bytes.toString());
  const isRunning = (pid: number) => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };

  it('serves many images with at most two processes', async () => {
    const convert = open();
    const results = await Promise.all(Array.from({ length: 20 }, () => convert('image')));
    const pids = new Set(results.map(pidOf));
    expect(pids.size).toBeGreaterThan(0);
    expect(pids.size).toBeLessThanOrEqual(2);
    converter?.close();
    await until('the processes to end', () => ![...pids].some(isRunning));
  });

  it('ends a process that is idle', async () => {
    const pid = pidOf(await open({ idleMs: 1 })('image'));
    await until('the process to end', () => !isRunning(pid));
  });

  it('ends a process whose memory has grown, after its image', async () => {
    const convert = open();
    const pid = pidOf(await convert('large'));
    await until('the process to end', () => !isRunning(pid));
    expect(pidOf(await convert('image'))).not.toBe(pid);
  });

  it('reports the image that crashes its process as damaged, and converts the next one', async () => {
    const convert = open();
    expect(await convert('crash')).toBe('damaged');
    expect(pidOf(await convert('image'))).toBeGreaterThan(0);
  });

  it('rejects the job of a process that cannot start', async () => {
    const convert = open();
    await expect(convert('exit')).rejects.toThrow('The image converter ended with status 3.');
  });

  it('ends a process that takes too long', async () => {
    const convert = open({ timeoutMs: 1_500 });
    await expect(convert('hang')).rejects.toMatchObject({
      code: 'timed_out',
      message: 'The conversion of the image took longer than 1.5 s. Request the unchanged file.',
    });
  });

  it('rejects images when too many wait', async () => {
    const convert = open();
    const hanging = Array.from({ length: 2 + 64 }, () =>
      convert('hang').catch((error: { code: string }) => error.code),
    );
    await until('the jobs to wait', () =>
      convert('hang').then(
        () => false,
        (error: { code: string }) => error.code === 'unavailable',
      ),
    );
    converter?.close();
    // The jobs in the two processes end with them; no process starts for the others.
    const ends = await Promise.all(hanging);
    expect(ends.filter((end) => end === 'unavailable')).toHaveLength(64);
  });

  it('rejects the job when the file cannot be read', async () => {
    open();
    const broken = (async function* () {
      yield Buffer.from('hang');
      throw new Error('The attachment was deleted.');
    })();
    await expect(converter!.convert({ format: 'auto' }, broken)).rejects.toThrow('was deleted');
  });
});
