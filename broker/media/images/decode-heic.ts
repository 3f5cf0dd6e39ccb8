/** Decodes HEIC images with libheif, compiled to WebAssembly. Loads it with the first image. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { IMAGE_MAX_PIXELS, type Unconvertible } from './conversion.ts';

export interface Pixels {
  /** 8 bits for each channel, row by row. May be a view of the decoder's memory. */
  data: Uint8Array;
  width: number;
  height: number;
  /** 4 with transparency. */
  channels: 3 | 4;
}

interface Plane {
  data: Uint8Array;
  width: number;
  height: number;
  /** Bytes of one row in `data`. */
  stride: number;
}

const WASM = new URL(import.meta.resolve('libheif-js/libheif-wasm/libheif.wasm'));
let loading: ReturnType<typeof load> | undefined;

async function load() {
  const module = await import('libheif-js/libheif-wasm/libheif.js');
  // The types describe an ES module, but the file is CommonJS: its only export is the function.
  const createLibheif = module.default as unknown as typeof module.default.default;
  return createLibheif({ wasmBinary: await readFile(fileURLToPath(WASM)) });
}

/** Decodes the primary image, turned as its file says, and calls `use` with its pixels. */
export async function decodeHeic<T>(
  bytes: Buffer,
  use: (pixels: Pixels) => Promise<T>,
): Promise<T | Unconvertible> {
  loading ??= load();
  const heif = await loading;
  const context = heif.heif_context_alloc();
  try {
    // The types name a string; the function also accepts bytes.
    const { code } = heif.heif_context_read_from_memory(context, bytes as unknown as string);
    if (code !== heif.heif_error_code.heif_error_Ok) return 'damaged';
    const handle = heif.heif_js_context_get_primary_image_handle(context);
    if (handle === null || 'code' in handle) return 'damaged';
    try {
      const size = heif.heif_image_handle_get_width(handle) * heif.heif_image_handle_get_height(handle);
      if (size > IMAGE_MAX_PIXELS) return 'too_large';
      const channels = heif.heif_image_handle_has_alpha_channel(handle) === 0 ? 3 : 4;
      const { heif_chroma_interleaved_RGB: rgb, heif_chroma_interleaved_RGBA: rgba } = heif.heif_chroma;
      const chroma = channels === 3 ? rgb : rgba;
      const image = heif.heif_js_decode_image2(handle, heif.heif_colorspace.heif_colorspace_RGB, chroma);
      if (!image || image.code !== undefined) return 'damaged';
      try {
        const [plane] = image.channels as [Plane];
        const { width, height } = plane;
        return await use({ data: withoutPadding(plane, width * channels), width, height, channels });
      } finally {
        heif.heif_image_release(image.image);
      }
    } finally {
      heif.heif_image_handle_release(handle);
    }
  } finally {
    heif.heif_context_free(context);
  }
}

function withoutPadding({ data, height, stride }: Plane, rowBytes: number): Uint8Array {
  if (stride === rowBytes) return data;
  const packed = new Uint8Array(rowBytes * height);
  for (let row = 0; row < height; row += 1) {
    packed.set(data.subarray(row * stride, row * stride + rowBytes), row * rowBytes);
  }
  return packed;
}
