// Preloaded with `node --import`: records the modules that a program loads, in order, with a line `listening` when it
// first listens, and writes them to the file $MODULES_FILE at the exit.
import { writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { Server } from 'node:net';

const lines = [];
registerHooks({
  load(url, context, nextLoad) {
    lines.push(url);
    return nextLoad(url, context);
  },
});
const { listen } = Server.prototype;
Server.prototype.listen = function (...args) {
  lines.push('listening');
  return listen.apply(this, args);
};
process.on('exit', () => writeFileSync(process.env.MODULES_FILE, lines.join('\n')));
