/** Baseline: parses a send with node:http and returns Homing's response. Validates and stores nothing. */
import { acceptServer } from './accept-server.ts';

acceptServer((_message, done) => done());
