// Starts other programs in two ways. `runCaptured` captures the output and resolves with it. `runInForeground` gives
// the program this terminal and exits with the program's status.
// Both forward signals, because a supervisor knows only the id of this process.
// Runs on Node 18 or newer.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { Interrupted } from './errors.mjs';

const FORWARDED_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs a program to its end. Resolves with `{ status, output, seconds }`; output is stdout and stderr interleaved.
 * Rejects with spawn's error if the program cannot start. Rejects with Interrupted if this process received a signal;
 * the program has then ended.
 */
export function runCaptured(command, args, options = {}) {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    const chunks = [];
    let interruptedBy;
    const stopForwarding = onForwardedSignal((signal) => {
      interruptedBy = signal;
      child.kill(signal);
    });
    child.stdout.on('data', (chunk) => chunks.push(chunk));
    child.stderr.on('data', (chunk) => chunks.push(chunk));
    child.on('error', (error) => {
      stopForwarding();
      reject(error);
    });
    child.on('close', (code, signal) => {
      stopForwarding();
      if (interruptedBy) return reject(new Interrupted(interruptedBy));
      const seconds = (performance.now() - started) / 1000;
      resolve({ status: code ?? signal, output: Buffer.concat(chunks).toString(), seconds });
    });
  });
}

/**
 * Runs a program in this terminal, then ends this process with the same status or signal. Never resolves.
 * Rejects only if the program cannot start.
 */
export function runInForeground(command, args, { env }) {
  return new Promise((_, reject) => {
    const child = spawn(command, args, { env, stdio: 'inherit' });
    const stopForwarding = onForwardedSignal((signal) => {
      // The terminal sends Ctrl-C to the whole foreground group, the program included. Programs that end gracefully
      // on the first SIGINT read a second one as "stop now".
      if (signal === 'SIGINT' && process.stdin.isTTY) return;
      child.kill(signal);
    });
    child.on('error', (error) => {
      stopForwarding();
      reject(error);
    });
    child.on('exit', (code, signal) => {
      stopForwarding();
      if (signal) endBySignal(signal);
      else process.exit(code);
    });
  });
}

/** Ends this process by the signal, so that its parent sees the same result as from the program itself. */
export function endBySignal(signal) {
  process.kill(process.pid, signal);
  // A signal that is ignored (as under nohup) does not end the process.
  setTimeout(() => process.exit(128 + constants.signals[signal]), 200);
}

function onForwardedSignal(forward) {
  for (const signal of FORWARDED_SIGNALS) process.on(signal, forward);
  return () => {
    for (const signal of FORWARDED_SIGNALS) process.off(signal, forward);
  };
}
