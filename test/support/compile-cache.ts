import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Folder in which the programs that tests start keep their compiled modules: it halves the start of a small program. */
export const COMPILE_CACHE = join(tmpdir(), 'homing-test-compile-cache');
