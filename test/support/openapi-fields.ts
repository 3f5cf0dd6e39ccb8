/** Lists the fields of all schemas of an OpenAPI document with their descriptions, each component once. */
export type Schema = { [key: string]: unknown };

export interface FoundField {
  /** `texting-blue.Message.status`, `textree_sendMessage 202.message.id`. */
  place: string;
  description: string | undefined;
}

// biome-ignore lint/suspicious/noExplicitAny: a document has any shape
export function fieldsIn(document: any): FoundField[] {
  const components: Record<string, Schema> = document.components.schemas;
  const found: FoundField[] = [];

  /** The description of the schema, of its component, or of its only form that is not null. */
  const descriptionOf = (schema: Schema): string | undefined => {
    if (typeof schema.description === 'string') return schema.description;
    if (typeof schema.$ref === 'string') {
      return descriptionOf(components[schema.$ref.split('/').at(-1)!]!);
    }
    return choicesOf(schema)
      .map(descriptionOf)
      .find((text) => text !== undefined);
  };

  const visit = (schema: Schema, place: string): void => {
    for (const [name, field] of Object.entries((schema.properties ?? {}) as Record<string, Schema>)) {
      found.push({ place: `${place}.${name}`, description: descriptionOf(field) });
      visit(field, `${place}.${name}`);
    }
    for (const choice of choicesOf(schema)) visit(choice, place);
    for (const [key, mark] of [['items', '[]'] as const, ['additionalProperties', '.*'] as const]) {
      const inner = schema[key];
      if (typeof inner === 'object' && inner !== null) visit(inner as Schema, place + mark);
    }
  };

  for (const [name, schema] of Object.entries(components)) visit(schema, name);
  const visitContent = (content: Record<string, { schema?: Schema }> | undefined, place: string) => {
    for (const { schema } of Object.values(content ?? {})) if (schema !== undefined) visit(schema, place);
  };
  // biome-ignore lint/suspicious/noExplicitAny: a document has any shape
  for (const item of [...Object.values(document.paths), ...Object.values(document.webhooks ?? {})] as any[]) {
    // biome-ignore lint/suspicious/noExplicitAny: a document has any shape
    for (const { operationId, requestBody, responses } of Object.values(item) as any[]) {
      visitContent(requestBody?.content, `${operationId} request`);
      // biome-ignore lint/suspicious/noExplicitAny: a document has any shape
      for (const [status, response] of Object.entries(responses) as [string, any][]) {
        visitContent(response.content, `${operationId} ${status}`);
      }
    }
  }
  return found;
}

function choicesOf(schema: Schema): Schema[] {
  return [schema.anyOf, schema.oneOf, schema.allOf].flatMap((choices) => (choices ?? []) as Schema[]);
}
