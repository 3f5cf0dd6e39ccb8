/** Tests that the OpenAPI document explains every field, parameter and response of every operation and every event. */
import { beforeAll, describe, expect, it } from 'vitest';
import { describeApis } from '../../../broker/compose/describe-apis.ts';
import { openapiDocument } from '../../../broker/docs-site/openapi/document.ts';
import { fieldsIn, type Schema } from '../../support/openapi-fields.ts';

const SENTENCE = /^[A-Z0-9`].{3,}[.!?]$/s;

describe('the OpenAPI document', () => {
  // biome-ignore lint/suspicious/noExplicitAny: the tests read any part of the document
  let document: any;
  let fields: readonly { place: string; description: string | undefined }[];
  beforeAll(async () => {
    const options = { publicUrl: 'https://homing.test', version: '1.2.3' };
    document = JSON.parse(JSON.stringify(openapiDocument(await describeApis(), options)));
    fields = fieldsIn(document);
  });

  it('describes every field of every request, response and event', () => {
    expect(fields.length).toBeGreaterThan(500);
    expect(fields.filter(({ description }) => description === undefined).map(({ place }) => place)).toEqual(
      [],
    );
  });

  it('describes the fields in sentences', () => {
    const bad = fields.filter(({ description = '' }) => !SENTENCE.test(description));
    expect(bad.map(({ place, description }) => `${place}: ${description}`)).toEqual([]);
  });

  it('describes every parameter', () => {
    const places = Object.entries<Record<string, { parameters?: Schema[] }>>(document.paths).flatMap(
      ([path, methods]) =>
        Object.entries(methods).flatMap(([method, { parameters = [] }]) =>
          parameters
            .filter(({ description }) => !SENTENCE.test(String(description)))
            .map(({ name }) => `${method} ${path}: ${name}`),
        ),
    );
    expect(places).toEqual([]);
  });
});
