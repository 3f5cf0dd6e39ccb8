// Starts other programs for the scripts here, in two ways: `runHidden` keeps what the program prints and
// gives it back, `become` hands over the terminal and ends this process the way the program ended.
// Both pass signals on, so that a supervisor that knows only our process id reaches the program too.
// Runs on any Node from 18.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { Interrupted } from './failure.mjs';

const PASSED_ON = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs to the end and resolves with `{ status, output, seconds }`; output is stdout and stderr as they came.
 * Rejects with spawn's error if the program cannot be started, and with Interrupted, after the program
 * has ended, if a signal came meanwhile.
 */
export function runHidden(command, args, options = {}) {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    const chunks = [];
    let interruptedBy;
    const stopPassing = passSignals((signal) => {
      interruptedBy = signal;
      child.kill(signal);
    });
    child.stdout.on('data', (chunk) => chunks.push(chunk));
    child.stderr.on('data', (chunk) => chunks.push(chunk));
    child.on('error', (error) => {
      stopPassing();
      reject(error);
    });
    child.on('close', (code, signal) => {
      stopPassing();
      if (interruptedBy) return reject(new Interrupted(interruptedBy));
      const seconds = (performance.now() - started) / 1000;
      resolve({ status: code ?? signal, output: Buffer.concat(chunks).toString(), seconds });
    });
  });
}

/**
 * Gives this process's terminal to the program and exits with its status or by its signal; resolves never.
 * Rejects only if the program cannot be started.
 */
export function become(command, args, { env }) {
  return new Promise((_, reject) => {
    const child = spawn(command, args, { env, stdio: 'inherit' });
    const stopPassing = passSignals((signal) => {
      // The terminal sends Ctrl-C to the whole foreground group, the program included. A second one from
      // here would read as "stop now" in programs that end gracefully on the first.
      if (signal === 'SIGINT' && process.stdin.isTTY) return;
      child.kill(signal);
    });
    child.on('error', (error) => {
      stopPassing();
      reject(error);
    });
    child.on('exit', (code, signal) => {
      stopPassing();
      if (signal) endBySignal(signal);
      else process.exit(code);
    });
  });
}

/** Ends this process by the signal, so that who waits for it sees the same as without us in between. */
export function endBySignal(signal) {
  process.kill(process.pid, signal);
  // Signals that don't end a process (or are ignored, as under nohup) leave us here.
  setTimeout(() => process.exit(128 + constants.signals[signal]), 200);
}

function passSignals(pass) {
  for (const signal of PASSED_ON) process.on(signal, pass);
  return () => {
    for (const signal of PASSED_ON) process.off(signal, pass);
  };
}
