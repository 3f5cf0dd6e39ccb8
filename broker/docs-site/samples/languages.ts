/** Lists the languages of the samples, in display order. */
import { curlSample } from './curl.ts';
import { elixirSample } from './elixir.ts';
import { javascriptSample } from './javascript.ts';
import { phpSample } from './php.ts';
import { pythonSample } from './python.ts';
import type { SampleRequest } from './sample-request.ts';

export interface SampleLanguage {
  name: string;
  /** Name in fenced code blocks. */
  block: string;
  write(request: SampleRequest): string;
}

export const LANGUAGES: readonly SampleLanguage[] = [
  { name: 'curl', block: 'sh', write: curlSample },
  { name: 'JavaScript', block: 'js', write: javascriptSample },
  { name: 'Python', block: 'python', write: pythonSample },
  { name: 'Elixir', block: 'elixir', write: elixirSample },
  { name: 'PHP', block: 'php', write: phpSample },
];
