/** Floor: bare node:http that parses a send and answers as Homing does. Nothing is checked or kept. */
import { acceptServer } from './accept-server.ts';

acceptServer((_message, done) => done());
