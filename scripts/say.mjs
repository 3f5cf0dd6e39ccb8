// What the scripts tell the person. Always on stderr: stdout belongs to the program that they start.

export function say(line) {
  process.stderr.write(`${line}\n`);
}

export function sayWaiting(pid) {
  say(`Another start of Homing${pid ? ` (process ${pid})` : ''} is preparing this folder; waiting for it…`);
}
