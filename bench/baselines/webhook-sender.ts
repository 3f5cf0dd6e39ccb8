/** Baseline: posts the same event repeatedly through an undici Pool of 16 connections, and signs each request. */
import { createHmac } from 'node:crypto';
import { Pool } from 'undici';

const [, , port, body = ''] = process.argv;
const CONNECTIONS = 16;
const pool = new Pool(`http://127.0.0.1:${port}`, { connections: CONNECTIONS });
const key = Buffer.alloc(32, 7);

async function post(): Promise<void> {
  for (;;) {
    const signature = createHmac('sha256', key).update(body).digest('base64');
    const headers = { 'content-type': 'application/json', 'webhook-signature': `v1,${signature}` };
    const response = await pool.request({ path: '/hook', method: 'POST', headers, body });
    await response.body.dump();
  }
}

for (let index = 0; index < CONNECTIONS; index += 1) void post();
process.send?.({ port: 0 });
process.on('disconnect', () => process.exit());
