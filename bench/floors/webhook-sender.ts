/** Floor: posts the same event, signed with a fresh HMAC each time, by an undici Pool with 16 connections. */
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
    const answered = await pool.request({ path: '/hook', method: 'POST', headers, body });
    await answered.body.dump();
  }
}

for (let one = 0; one < CONNECTIONS; one += 1) void post();
process.send!({ port: 0 });
process.on('disconnect', () => process.exit());
