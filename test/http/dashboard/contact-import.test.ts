/** Tests the import and export of contacts as CSV. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readContactsCsv } from '../../../broker/apis/admin/contacts/contact-csv.ts';
import { countTurns } from '../../support/count-turns.ts';
import { type DashboardClient, signIn } from '../../support/dashboard.ts';
import type { RunningBroker } from '../../support/homing-process.ts';
import { createAccount, createClient } from '../../support/http-client.ts';
import { startInProcess } from '../../support/in-process-broker.ts';

let broker: RunningBroker;
let member: DashboardClient;

beforeAll(async () => {
  broker = await startInProcess();
  member = await signIn(broker, { role: 'member' });
});
afterAll(() => broker?.dispose());

const importFile = (body: string | Uint8Array, client = member) =>
  client.request('POST', '/test/contacts/import', { body, headers: { 'content-type': 'text/csv' } });
const contactOf = async (search: string, client = member) =>
  (await client.get(`/test/contacts?search=${encodeURIComponent(search)}`)).body.contacts[0];

/** Creates an account without contacts. */
async function emptyAccount(slug: string): Promise<DashboardClient> {
  await createAccount(broker, slug);
  return signIn(broker, { account: slug });
}

it('an import creates and updates contacts, and names each skipped row with its line', async () => {
  // Numbers without a country code are in the country of the first number of the account.
  const client = await createClient(broker);
  await client.post('/v1/numbers/verify', { phone_number: '+14155550199' });
  await member.post('/test/contacts', {
    handle: '+14155550101',
    name: 'Old',
    customFields: { plan: 'free' },
  });
  const file = [
    'Phone Number,Name,E-mail,Plan,Opted out',
    '+1 415 555 0101,Ada,ada@example.com,gold,',
    '(415) 555-0102,"Bob, the\nbuilder",,,yes',
    'nobody,Carol,,,',
    ',Dan,,,',
    '+14155550103,Eve,not-an-address,,',
    '12345,Short code,,,',
    '+14155550101,,,,',
  ].join('\n');
  const { status, body } = await importFile(`\uFEFF${file}`);
  expect([status, body]).toEqual([
    200,
    {
      ...{ created: 2, updated: 1, unchanged: 1, skippedCount: 3 },
      skipped: [
        { line: 5, reason: "'nobody' is not a phone number such as +14155550100." },
        { line: 6, reason: 'The phone number is missing.' },
        { line: 7, reason: "'not-an-address' is not an e-mail address." },
      ],
    },
  ]);
  expect(await contactOf('Ada')).toMatchObject({
    ...{ handle: '+14155550101', email: 'ada@example.com', customFields: { plan: 'gold' } },
  });
  expect(await contactOf('Bob')).toMatchObject({
    ...{ handle: '+14155550102', name: 'Bob, the\nbuilder', isOptedOut: true },
  });
  expect((await importFile(file)).body).toMatchObject({ created: 0, updated: 0, unchanged: 4 });
});

it('a preview names the use of each column and the rows to skip, and changes nothing', async () => {
  const client = await emptyAccount('preview');
  const file = [
    'Telephone,First name,Last name,Mail,Opted out,Customer number,Größe (cm)',
    '+14155550161,Ada,Byron,ada@example.com,no,4711,170',
    'nobody,Carol,,,,,',
    "+14155550162,'=SUM(1),,,,,",
  ].join('\n');
  const { status, body } = await client.request('POST', '/test/contacts/import/preview', {
    ...{ body: file, headers: { 'content-type': 'text/csv' } },
  });
  expect([status, body]).toEqual([
    200,
    {
      columns: [
        { name: 'Telephone', use: 'handle', field: null },
        { name: 'First name', use: 'firstName', field: null },
        { name: 'Last name', use: 'lastName', field: null },
        { name: 'Mail', use: 'email', field: null },
        { name: 'Opted out', use: 'optedOut', field: null },
        { name: 'Customer number', use: 'customField', field: 'customer_number' },
        { name: 'Größe (cm)', use: 'customField', field: 'gr_e_cm' },
      ],
      firstRows: [
        ['+14155550161', 'Ada', 'Byron', 'ada@example.com', 'no', '4711', '170'],
        ['nobody', 'Carol', '', '', '', '', ''],
        ['+14155550162', '=SUM(1)', '', '', '', '', ''],
      ],
      ...{ contactCount: 2, skippedCount: 1 },
      skipped: [{ line: 3, reason: "'nobody' is not a phone number such as +14155550100." }],
    },
  ]);
  expect((await client.get('/test/contacts')).body.contacts).toEqual([]);
});

it('a file with semicolons, and first and last names, is read', async () => {
  const { body } = await importFile('Vorname;first_name;last_name;mobile\nx;Eva;Huber;+43 664 1234567\n');
  expect(body).toMatchObject({ created: 1, skippedCount: 0 });
  expect(await contactOf('Eva Huber')).toMatchObject({
    handle: '+436641234567',
    customFields: { vorname: 'x' },
  });
});

it('an exported file can be imported again, and formulas are not run', async () => {
  const source = await emptyAccount('source');
  const target = await emptyAccount('target');
  const contact = {
    handle: '+14155550110',
    name: '=1+1',
    email: 'a@example.com',
    customFields: { note: 'say "hi", ok', seats: 3, phone2: '+1', dash: '-x' },
  };
  await source.post('/test/contacts', contact);
  await source.post('/test/contacts', { handle: 'mail@example.com' });
  await source.post('/test/opt-outs', { handle: '+14155550110' });
  const exported = await source.get('/test/contacts.csv');
  expect(exported.headers.get('content-disposition')).toContain('contacts.csv');
  expect(exported.text).toBe(
    'phone_number,name,email,opted_out,dash,note,phone2,seats\r\n' +
      `+14155550110,'=1+1,a@example.com,true,'-x,"say ""hi"", ok",+1,3\r\n` +
      'mail@example.com,,,false,,,,\r\n',
  );
  expect((await importFile(exported.text, target)).body).toMatchObject({ created: 2, skippedCount: 0 });
  expect(await contactOf('0110', target)).toMatchObject({
    ...{ ...contact, customFields: { ...contact.customFields, seats: '3' }, isOptedOut: true },
  });
});

it.each([
  ['without a phone column', 'name\nAda\n', /phone_number/],
  ['that is empty', '', /empty/],
  ['with an open quote', 'phone\n"+14155550101\n', /not valid CSV/],
  ['in another encoding', new Uint8Array([0x70, 0x68, 0xff, 0xfe]), /UTF-8/],
  ['with a huge cell', `phone,note\n+14155550101,${'x'.repeat(100_000)}\n`, /not valid CSV/],
  ['with too many rows', `phone\n${'+14155550101\n'.repeat(50_001)}`, /50000 rows/],
])('a file %s returns 400 and imports nothing', async (_, file, message) => {
  const client = await emptyAccount(`bad-${broker.log().length}-${String(file).length}`);
  const response = await importFile(file, client);
  expect(response.status, response.text).toBe(400);
  expect(response.body.error.message).toMatch(message);
  expect((await client.get('/test/contacts')).body.contacts).toEqual([]);
});

it('a file of more than 5 MB returns 413', async () => {
  const response = await importFile(`phone,note\n${'+14155550101,x\n'.repeat(400_000)}`);
  expect(response.status).toBe(413);
});

it('50,000 rows are read in many turns of the event loop', async () => {
  const rows = Array.from({ length: 50_000 }, (_, row) => `+1415${String(2_000_000 + row)},Contact ${row}`);
  let read: unknown[] = [];
  const turns = await countTurns(async () => {
    ({ rows: read } = await readContactsCsv(Buffer.from(`phone,name\n${rows.join('\n')}\n`), undefined));
  });
  expect(read).toHaveLength(50_000);
  expect(turns).toBeGreaterThan(100);
});

it('50,000 rows are imported in steps, during which the broker serves other requests', async () => {
  const client = await emptyAccount('large');
  const rows = Array.from(
    { length: 50_000 },
    (_, row) => `+1415${String(2_000_000 + row)},Contact ${row},gold`,
  );
  const importing = importFile(`phone,name,plan\n${rows.join('\n')}\n`, client);
  let isDone = false;
  const finished = importing.finally(() => {
    isDone = true;
  });
  let served = 0;
  while (!isDone) {
    expect((await client.get('/test/contact-fields')).status).toBe(200);
    served += 1;
  }
  const { body } = await finished;
  expect(body).toEqual({ created: 50_000, updated: 0, unchanged: 0, skipped: [], skippedCount: 0 });
  expect(served).toBeGreaterThan(10);
  const found = (await client.get('/test/contacts?search=Contact%2049999')).body.contacts;
  expect(found).toMatchObject([{ name: 'Contact 49999' }]);
});

it('a viewer cannot import', async () => {
  const viewer = await signIn(broker, { role: 'viewer' });
  expect((await importFile('phone\n', viewer)).status).toBe(403);
});
